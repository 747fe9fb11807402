import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { testRuleFile } from '../../collector/rules-tool/test-rules.ts'

test.each(globSync('rules/*.test.yaml').sort())('%s passes with our own evaluator, too', async (name) => {
  const read = (path: string) => ({ name: path, text: readFileSync(path, 'utf8') })
  const report = await testRuleFile(read(name), (path) => Promise.resolve([read(path)]))
  expect(report.checks).toBeGreaterThan(0)
  expect(report).toMatchObject({ problems: [], failures: [] })
})
