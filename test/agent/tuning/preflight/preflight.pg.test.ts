import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  chmodSync,
  existsSync,
  readFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { preflight } from '../../../../agent/tuning/preflight/preflight.ts'
import type { PreflightResult } from '../../../../agent/tuning/preflight/preflight-result.ts'
import { findRunningServer } from '../../../../agent/tuning/preflight/running-server.ts'
import type { RunningServer } from '../../../../agent/tuning/preflight/running-server.ts'
import { belowPrimary } from '../../../../agent/tuning/preflight/standby-limits.ts'
import { systemClock } from '../../../../common/clock.ts'
import { findPostgres, startPostgres, startStandby } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { settingsFile } from '../../../../testbed/postgres-template.ts'
import { writeOwned } from '../../../../testbed/postgres-settings.ts'
import { startChild } from '../../../../testbed/process.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { openForTest } from '../../actions/action-context.ts'

const never = new AbortController().signal

async function found(server: PostgresServer): Promise<RunningServer> {
  const running = await findRunningServer(await openForTest(server.url())())
  if (typeof running === 'string') throw new Error(running)
  return running
}

/** A directory like /tmp, for one test. */
function parentDirectory(): string {
  const parent = mkdtempSync('/tmp/preflight-test-')
  chmodSync(parent, 0o711)
  onTestFinished(() => rmSync(parent, { recursive: true }))
  return parent
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

async function tried(
  server: PostgresServer,
  values: Readonly<Record<string, string>>,
): Promise<PreflightResult> {
  const parent = parentDirectory()
  const options = { values: new Map(Object.entries(values)), parent, clock: systemClock, signal: never }
  const result = await preflight(await found(server), options)
  expect(readdirSync(parent)).toEqual([])
  return result
}

// Before `-C` of computed values, the first with them, and now.
describe.each([14, 15, 18] as const)('beside PostgreSQL %i', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('what starts is accepted with the memory that it takes, and the server goes on as it is', async () => {
    const { pid } = server
    const now = await tried(server, {})
    const larger = await tried(server, { shared_buffers: '16384' })
    if (now.outcome !== 'accepted' || larger.outcome !== 'accepted')
      expect.fail(JSON.stringify([now, larger]))
    expect(now).toMatchObject({
      hugePagesMode: 'off',
      isWhole: major >= 15,
      sharedMemory: { isEstimate: major < 15 },
    })
    const grown = larger.sharedMemory.bytes - now.sharedMemory.bytes
    expect(grown / 1024 ** 2).toBeGreaterThan(112)
    expect(grown / 1024 ** 2).toBeLessThan(125)
    expect(server.pid).toBe(pid)
    if (major < 15) return
    const [row] = await server.query(`select pg_size_bytes(current_setting('shared_memory_size')) as bytes`)
    expect(now.sharedMemory.bytes).toBe(Number(row?.['bytes']))
  })

  const reserved = { superuser_reserved_connections: '60' }
  const mode = { archive_mode: 'perhaps' }
  const level = { wal_level: 'minimal' }
  test.each([
    ['a reserve that leaves no connection', reserved, 'superuser_reserved_connections', /must be less than/],
    ['a level of WAL that its senders cannot use', level, 'wal_level', /wal_level/],
    ['room for less than two segments', { max_wal_size: '20' }, 'max_wal_size', /at least twice/],
    ['a value that this build does not have', mode, 'archive_mode', /Available values: always, on, off/],
  ] as const)('%s is refused in its own words', async (_, values, parameter, words) => {
    const result = await tried(server, values)
    expect(result).toMatchObject({ outcome: 'refused', parameter, isSoAlready: false })
    expect(result).toMatchObject({ words: expect.stringMatching(words) as string })
    expect(JSON.stringify(result)).not.toContain('pgherd-preflight')
  })

  test(`a library that is not there is ${major < 15 ? 'not looked for' : 'refused'}`, async () => {
    const result = await tried(server, { shared_preload_libraries: 'pg_stat_statements, nowhere' })
    expect(result).toMatchObject(
      major < 15
        ? { outcome: 'accepted', isWhole: false }
        : {
            outcome: 'refused',
            parameter: 'shared_preload_libraries',
            words: 'could not access file "nowhere": No such file or directory',
          },
    )
  })

  test('a line of ALTER SYSTEM counts, and what is tried wins over it', async () => {
    await server.query('alter system set superuser_reserved_connections = 60')
    expect(await tried(server, { work_mem: '8192' })).toMatchObject({ outcome: 'refused', isSoAlready: true })
    expect(await tried(server, { superuser_reserved_connections: '3' })).toMatchObject({
      outcome: 'accepted',
    })
    await server.query('alter system reset all')
  })
})

test('a file beside the data directory, with a conf.d of its own and a command line, is read as the server reads it', async () => {
  await using server = await startPostgres({ major: 15 })
  const binaries = await findPostgres(15)
  await server.stop()
  const etc = join(server.dataDirectory, '../etc')
  mkdirSync(join(etc, 'conf.d'), { recursive: true })
  chmodSync(etc, 0o755)
  renameSync(join(server.dataDirectory, settingsFile), join(etc, 'conf.d/10-base.conf'))
  const lines = [
    `data_directory = '${server.dataDirectory}'`,
    `hba_file = '${server.dataDirectory}/pg_hba.conf'`,
    `ident_file = '${server.dataDirectory}/pg_ident.conf'`,
    `include_dir = 'conf.d'`,
    'max_connections = 40',
  ]
  writeOwned(join(etc, 'postgresql.conf'), `${lines.join('\n')}\n`)
  await using started = await startChild({
    name: 'PostgreSQL with its settings in /etc',
    command: binaries!.postgres,
    args: ['-c', `config_file=${etc}/postgresql.conf`, '-c', 'superuser_reserved_connections=20'],
    logFile: server.logFile,
    owner: unprivilegedOwner(),
    quickSignal: 'SIGQUIT',
  })
  const answers = () => server.query('select 1').then(() => true, () => false) // prettier-ignore
  await started.waitFor('it answers', answers, 30_000)
  expect(await tried(server, {})).toMatchObject({ outcome: 'accepted' })
  // Twenty of the command line, and not the three of the files.
  expect(await tried(server, { max_connections: '20' })).toMatchObject({
    outcome: 'refused',
    words: 'superuser_reserved_connections (20) must be less than max_connections (20)',
  })
  appendFileSync(join(etc, 'conf.d/10-base.conf'), `\nmax_worker_processes = 'many'\n`)
  expect(await tried(server, { work_mem: '8192' })).toMatchObject({
    outcome: 'refused',
    parameter: 'max_worker_processes',
    isSoAlready: true,
  })
  await started.stop('SIGINT', 30_000)
})

test('a standby is held against what its primary has, and below it does not start indeed', async () => {
  await using primary = await startPostgres({ major: 15, settings: { max_connections: '40' } })
  await using standby = await startStandby(primary)
  // The packages of the test bed have no pg_controldata; Debian's of the same major have.
  const running = { ...(await found(standby)), program: '/usr/lib/postgresql/15/bin/postgres' }
  const values = new Map([['max_connections', '30']])
  const result = await preflight(running, {
    values,
    parent: parentDirectory(),
    clock: systemClock,
    signal: never,
  })
  if (result.outcome !== 'accepted') expect.fail(JSON.stringify(result))
  expect(belowPrimary(result.standbySettings, result.primarySettings)).toEqual([
    expect.stringMatching(
      /^with max_connections 30 this standby would not start again, because its primary has 40/,
    ),
  ])
  await standby.query('alter system set max_connections = 30')
  await standby.stop()
  await expect(standby.start()).rejects.toThrow(/insufficient parameter settings/)
})

test('what a killed agent leaves is gone with the next one, and the program that it waited for within its limit', async () => {
  await using server = await startPostgres()
  const parent = parentDirectory()
  const program = join(parent, 'postgres')
  writeFileSync(program, '#!/bin/sh\necho $$ >"$2/pid"\nexec sleep 60\n', { mode: 0o755 })
  const running = { ...(await found(server)), program }
  const text = `
    const { preflight } = await import('./agent/tuning/preflight/preflight.ts')
    const { systemClock } = await import('./common/clock.ts')
    const running = { ...${JSON.stringify(running)}, commandLine: new Map() }
    await preflight(running, { values: new Map(), parent: '${parent}', limitSeconds: 3, clock: systemClock, signal: AbortSignal.timeout(60_000) })`
  const agent = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: 'inherit' })
  const left = (): string | undefined => readdirSync(parent).find((name) => name !== 'postgres')
  const pid = await waitFor('the program runs', () => {
    const name = left()
    if (name === undefined) return Promise.resolve(undefined)
    return Promise.resolve(Number(readIfThere(join(parent, name, 'data/pid'))) || undefined)
  })
  agent.kill('SIGKILL')
  await once(agent, 'exit')
  expect(left()).toBeDefined()
  const options = { values: new Map<string, string>(), parent, signal: never }
  const soon = await preflight(await found(server), { ...options, clock: systemClock })
  expect(soon.outcome).toBe('accepted')
  expect(left()).toBeDefined()
  const later = { ...systemClock, now: () => systemClock.now() + 120_000 }
  expect((await preflight(await found(server), { ...options, clock: later })).outcome).toBe('accepted')
  expect(left()).toBeUndefined()
  await waitFor('the program is ended', () => Promise.resolve(!existsSync(`/proc/${pid}`)))
})

describe('what cannot be tried', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('is said where the role may not see the files', async () => {
    await server.query('create role blind login')
    const session = await openForTest(server.url('postgres', 'blind'))()
    expect(await findRunningServer(session)).toMatch(/^this role may not read where its files are/)
  })

  test('is said where this agent is neither root nor the owner of the data', async () => {
    const session = await openForTest(server.url())()
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(54_321)
    onTestFinished(() => getuid.mockRestore())
    expect(await findRunningServer(session)).toBe(
      `this agent is neither root nor the owner of ${server.dataDirectory}`,
    )
  })

  test('is said where the directory is not on this host, or is of another server', async () => {
    const session = await openForTest(server.url())()
    const where = (told: string, instead: string) =>
      findRunningServer({
        ...session,
        versionNumber: session.versionNumber,
        inRecovery: false,
        async read(statement, limitMs) {
          const { rows, ...rest } = await session.read(statement, limitMs)
          return { ...rest, rows: rows.map((row) => row.map((one) => (one === told ? instead : one))) }
        },
      })
    const here = server.dataDirectory
    expect(await where(here, '/nowhere/data')).toMatch(/^its files cannot be read here: ENOENT/)
    expect(await where(String(server.port), '5432')).toBe(`another server works on ${here} of this host`)
    const [row] = await server.query('select system_identifier::text as is from pg_control_system()')
    expect(await where(String(row?.['is']), '42')).toBe(`${here} of this host is another server's`)
  })

  test('is said where the program does not end, which takes no longer than its limit', async () => {
    const parent = parentDirectory()
    const program = join(parent, 'postgres')
    writeFileSync(program, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
    const running = { ...(await found(server)), program }
    const options = {
      values: new Map<string, string>(),
      parent,
      limitSeconds: 0.2,
      clock: systemClock,
      signal: never,
    }
    expect(await preflight(running, options)).toEqual({
      outcome: 'not-run',
      why: `${program} did not answer in time`,
    })
    expect(readdirSync(parent)).toEqual(['postgres'])
  })

  test('is not held against a server that refuses its own files here for nothing that they say', async () => {
    const parent = parentDirectory()
    const program = join(parent, 'postgres')
    writeFileSync(program, '#!/bin/sh\necho "FATAL:  could not open file \\"keys\\"" >&2\nexit 1\n', {
      mode: 0o755,
    })
    const running = { ...(await found(server)), program }
    const options = { values: new Map([['work_mem', '8192']]), parent, clock: systemClock, signal: never }
    expect(await preflight(running, options)).toMatchObject({
      outcome: 'not-run',
      why: 'beside the running server it says: could not open file "keys"',
    })
  })
})
