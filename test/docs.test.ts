import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('the reference of metrics is what the catalogue gives', () => {
  const { status, stderr } = spawnSync(process.execPath, ['docs/write-metrics.ts', '--check'], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
