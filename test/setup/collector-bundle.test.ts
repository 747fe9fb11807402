import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleFile, bundleIsFresh, compileCache } from '../../collector/bundle.mjs'

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

  test("comes with V8's code for it", () => {
    const files = readdirSync(compileCache, { recursive: true, encoding: 'utf8' })
    const largest = Math.max(...files.map((file) => statSync(join(compileCache, file)).size))
    expect(largest).toBeGreaterThan(1_000_000)
  })

  test('answers --help as the sources do', () => {
    const { stdout } = run(bundleFile(), '--help')
    expect(stdout).toBe(run('collector/main.ts', '--help').stdout)
    expect(stdout).toContain('--store-directory')
  })
})
