import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleFile, bundleIsFresh } from '../../collector/bundle.mjs'

const run = (...args: readonly string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' })

describe('the bundle of the collector', () => {
  beforeAll(() => {
    const { status, stderr } = run('setup/collector-bundle.mjs')
    expect(stderr).toBe('')
    expect(status).toBe(0)
  }, 60_000)

  test('is fresh once it is built', () => {
    expect(bundleIsFresh()).toBe(true)
  })

  test('answers --help as the sources do', () => {
    const { stdout } = run(bundleFile(), '--help')
    expect(stdout).toBe(run('collector/main.ts', '--help').stdout)
    expect(stdout).toContain('--store-directory')
  })
})
