import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hasVmProgram } from '../../testbed/vm-programs.ts'

test.skipIf(!hasVmProgram('vmalert'))('the real vmalert takes all rule files as they are', () => {
  const files = globSync('rules/*.yaml').filter((file) => !file.endsWith('.test.yaml'))
  expect(files.length).toBeGreaterThan(10)
  const { status, stderr } = spawnSync('vmalert', ['-dryRun', ...files.map((file) => `-rule=${file}`)], {
    encoding: 'utf8',
    timeout: 15_000,
  })
  expect({ status, problems: stderr.split('\n').filter((line) => /\t(?:error|fatal)\t/.test(line)) }).toEqual(
    {
      status: 0,
      problems: [],
    },
  )
})
