import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bundleEnd, bundleFile, bundleFiles, bundleIsFresh } from '../../agent/bundle.mjs'

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

  test.each(bundleFiles('').map(({ file }) => file))(
    '%s is ASCII, which V8 keeps in one byte per character',
    (file) => {
      expect(/[^\0-\x7f]/.test(readFileSync(file, 'utf8'))).toBe(false)
    },
  )

  test('starts the thread that answers load balancers from its file beside it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-bundle-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const config = join(directory, 'agent.yaml')
    writeFileSync(
      config,
      `identity: { cluster: pg-main, seq: 1 }
postgres: { url: 'postgres://pgherd@127.0.0.1:1/postgres' }
collector: { url: 'http://127.0.0.1:1' }
spool: { directory: ${join(directory, 'spool')} }
health: { listen: '127.0.0.1:${port}' }
`,
    )
    const { stderr, status } = spawnSync(process.execPath, [bundleFile(), '--config', config], {
      encoding: 'utf8',
      timeout: 10_000,
    })
    expect(stderr).toContain(`another process already listens on 127.0.0.1:${port}`)
    expect(status).toBe(1)
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
    for (const { file } of bundleFiles(root)) writeFileSync(file, `await run()${bundleEnd}`)
    for (const one of [
      'agent/main.ts',
      'agent/scrape/scraper.ts',
      'agent/scrape',
      'common/clock.ts',
      'common',
    ])
      utimesSync(join(root, one), earlier, earlier)
    for (const one of ['agent', 'package-lock.json']) utimesSync(join(root, one), earlier, earlier)
    for (const { file } of bundleFiles(root)) utimesSync(file, built, built)
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

  describe.each(bundleFiles('').map(({ file }) => file))('%s', (name) => {
    test.each([0, 20])('it is not when only %i bytes of it are there', (bytes) => {
      const root = checkout()
      const file = join(root, name)
      truncateSync(file, bytes)
      utimesSync(file, built, built)
      expect(bundleIsFresh(root)).toBe(false)
    })

    test('it is not when that was never built', () => {
      const root = checkout()
      rmSync(join(root, name))
      expect(bundleIsFresh(root)).toBe(false)
    })
  })

  test('it is in a package without sources', () => {
    const root = checkout()
    for (const one of ['agent/main.ts', 'agent/scrape', 'common', 'package-lock.json'])
      rmSync(join(root, one), { recursive: true })
    utimesSync(join(root, 'agent'), built, built)
    expect(bundleIsFresh(root)).toBe(true)
  })
})
