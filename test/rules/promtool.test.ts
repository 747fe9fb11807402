import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadRuleFiles } from '../../collector/rules/load/load-rule-files.ts'
import { hasPromtool, promtool } from '../collector/rules/promtool.ts'

const unitTests = globSync('rules/*.test.yaml').sort()
const ruleFiles = globSync('rules/*.yaml').filter((file) => !unitTests.includes(file))

test('every rule file has its unit tests beside it', () => {
  expect(unitTests.map((file) => file.replace('.test.yaml', '.yaml'))).toEqual(ruleFiles.sort())
})

test('every rule file loads, and every alert says what a person needs', async () => {
  const groups = await loadRuleFiles(['rules/*.yaml'], {
    defaultIntervalMs: 10_000,
    checkExpression: () => undefined,
  })
  const rules = groups.flatMap((group) => group.rules)
  expect(rules.length).toBeGreaterThan(0)
  for (const rule of rules) {
    if (rule.kind !== 'alerting') continue
    expect(Object.keys(rule.labels), rule.name).toEqual(
      expect.arrayContaining(['level', 'severity', 'category']),
    )
    expect(rule.annotations['summary'], rule.name).toMatch(/\{\{ \$value( \| \w+)? \}\}/)
    expect(rule.annotations['description'], rule.name).toMatch(/ 1\. .* 2\. /s)
  }
})

describe.skipIf(!hasPromtool)('with the real promtool', () => {
  test.each(ruleFiles)('%s is valid', (file) => {
    const { status, said } = promtool('check', 'rules', file)
    expect(said).toContain('SUCCESS')
    expect(status).toBe(0)
  })

  test.each(unitTests)('%s passes', (file) => {
    const { status, said } = promtool('test', 'rules', file)
    expect(said).toContain('SUCCESS')
    expect(status).toBe(0)
  })
})
