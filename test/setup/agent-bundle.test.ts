import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bundleEnd, bundleFile, bundleIsFresh } from '../../agent/bundle.mjs'

describe('the bundle of the agent', () => {
  beforeAll(() => {
    const { status, stderr } = spawnSync(process.execPath, ['setup/agent-bundle.mjs'], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  }, 30_000)

  test('answers --help as the sources do', () => {
    const ask = (file: string): string =>
      spawnSync(process.execPath, [file, '--help'], { encoding: 'utf8' }).stdout
    expect(ask(bundleFile())).toBe(ask('agent/main.ts'))
    expect(ask(bundleFile())).toContain('--identity-cluster')
  })

  test('finds the files that its modules read beside themselves', () => {
    const { stdout } = spawnSync(process.execPath, [bundleFile(), '--version'], { encoding: 'utf8' })
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(stdout.trim()).toBe(version)
  })

  test('loads no second HTTP client with node:http', () => {
    const program = `
      process.argv.splice(1, 2, 'agent', '--version')
      await import(${JSON.stringify(bundleFile())})
      console.log(process.moduleLoadList.filter((name) => name.includes('undici')).length)`
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, '-'], {
      encoding: 'utf8',
    })
    expect(stdout.trim().split('\n').at(-1)).toBe('0')
  })

  test('is ASCII, which V8 keeps in one byte per character', () => {
    expect(/[^\0-\x7f]/.test(readFileSync(bundleFile(), 'utf8'))).toBe(false)
  })
})

describe('whether the bundle is fresh', () => {
  const built = new Date('2026-01-02T00:00:00Z')
  const earlier = new Date('2026-01-01T00:00:00Z')
  const later = new Date('2026-01-03T00:00:00Z')

  function checkout(): string {
    const root = mkdtempSync(join(tmpdir(), 'pgherd-bundle-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    for (const file of ['agent/main.ts', 'agent/scrape/scraper.ts', 'common/clock.ts', 'package-lock.json']) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), '')
    }
    mkdirSync(join(root, 'agent/dist'))
    writeFileSync(bundleFile(root), `await run()${bundleEnd}`)
    for (const one of [
      'agent/main.ts',
      'agent/scrape/scraper.ts',
      'agent/scrape',
      'common/clock.ts',
      'common',
    ])
      utimesSync(join(root, one), earlier, earlier)
    for (const one of ['agent', 'package-lock.json']) utimesSync(join(root, one), earlier, earlier)
    utimesSync(bundleFile(root), built, built)
    return root
  }

  test('it is while nothing has changed', () => {
    expect(bundleIsFresh(checkout())).toBe(true)
  })

  test.each(['agent/scrape/scraper.ts', 'common/clock.ts', 'package-lock.json'])(
    'it is not once %s has changed',
    (file) => {
      const root = checkout()
      utimesSync(join(root, file), later, later)
      expect(bundleIsFresh(root)).toBe(false)
    },
  )

  test('it is not once a file was added', () => {
    const root = checkout()
    writeFileSync(join(root, 'agent/scrape/added.ts'), '')
    expect(bundleIsFresh(root)).toBe(false)
  })

  test.each([0, 20])('it is not when only %i bytes of it are there', (bytes) => {
    const root = checkout()
    truncateSync(bundleFile(root), bytes)
    utimesSync(bundleFile(root), built, built)
    expect(bundleIsFresh(root)).toBe(false)
  })

  test('it is not when it was never built', () => {
    const root = checkout()
    rmSync(bundleFile(root))
    expect(bundleIsFresh(root)).toBe(false)
  })

  test('it is in a package without sources', () => {
    const root = checkout()
    for (const one of ['agent/main.ts', 'agent/scrape', 'common', 'package-lock.json'])
      rmSync(join(root, one), { recursive: true })
    utimesSync(join(root, 'agent'), built, built)
    expect(bundleIsFresh(root)).toBe(true)
  })
})
