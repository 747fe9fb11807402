import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createCapabilityReader } from '../../../agent/postgres/capabilities.ts'
import { createSession } from '../../../agent/postgres/session.ts'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import type { Session } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { startBlackhole } from '../../../testbed/blackhole.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ authentication: 'scram-sha-256' })
  await server.query(`create role pgherd login password 'first'`)
  await server.query('grant pg_monitor to pgherd')
  await server.query('create table public.ledger as select 1 as entry')
  await server.query('grant all on public.ledger to pgherd')
})
afterAll(() => server[Symbol.asyncDispose]())

/** Never waits between attempts, so that a test sees each of them. */
const eager = { next: () => 0, reset: () => undefined }

function open(password = 'first', url = server.url('postgres', 'pgherd', password)): Session {
  const session = createSession({ url, clock: systemClock, backoff: eager })
  onTestFinished(() => session[Symbol.asyncDispose]())
  return session
}

async function connected(): Promise<Session> {
  const session = open()
  await session.connect(2_000)
  return session
}

async function sessionsOnServer(): Promise<number> {
  const rows = await server.query(`select from pg_stat_activity where application_name = 'pgherd'`)
  return rows.length
}

describe('the guard rails', () => {
  test('are settings of the session before its first statement', async () => {
    const session = await connected()
    const { rows } = await session.query(
      {
        text: `select name, setting, unit from pg_settings where name = any ($1) order by name`,
        values: [
          [
            'application_name',
            'default_transaction_read_only',
            'idle_in_transaction_session_timeout',
            'jit',
            'lock_timeout',
            'search_path',
            'statement_timeout',
          ],
        ],
      },
      2_000,
    )
    expect(rows).toEqual([
      ['application_name', 'pgherd', null],
      ['default_transaction_read_only', 'on', null],
      ['idle_in_transaction_session_timeout', '5000', 'ms'],
      ['jit', 'off', null],
      ['lock_timeout', '100', 'ms'],
      ['search_path', 'pg_catalog', null],
      ['statement_timeout', '2000', 'ms'],
    ])
  })

  test.each([
    `insert into public.ledger values (2)`,
    `delete from public.ledger`,
    `create table public.another (n int)`,
    `truncate public.ledger`,
    `drop table public.ledger`,
    `select nextval('public.s')`,
  ])('%s changes nothing', async (text) => {
    await server.query('create sequence if not exists public.s')
    const session = await connected()
    await expect(session.query({ name: 'w', text }, 1_000)).rejects.toMatchObject({ code: 'PROBE_FAILED' })
    expect(session.isConnected).toBe(true)
    expect(await server.query('select entry from public.ledger')).toEqual([{ entry: 1 }])
  })

  test('the server ends a statement that takes too long, and the session goes on', async () => {
    const session = await connected()
    await expect(session.query({ text: 'select pg_sleep(5)' }, 50)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      details: { sqlstate: '57014' },
    })
    const { rows } = await session.query({ text: 'select 1' }, 500)
    expect(rows).toEqual([['1']])
    expect(session.generation).toBe(1)
  })

  test('a statement never waits for a lock longer than a tenth of a second', async () => {
    const session = await connected()
    await withClient({ host: server.socketDirectory, port: server.port }, async (locker) => {
      await locker.query('begin; lock table public.ledger')
      const waiting = session.query({ text: 'select count(*) from public.ledger' }, 5_000)
      await expect(waiting).rejects.toMatchObject({
        code: 'PROBE_FAILED',
        details: { sqlstate: '55P03' },
      })
    })
  })
})

describe('a value', () => {
  test('arrives as the text that the server sent, without loss', async () => {
    const session = await connected()
    const { columns, rows } = await session.query(
      { text: `select 9007199254740993::int8 as big, 0.1::numeric as exact, null as nothing, true as flag` },
      500,
    )
    expect(columns.map(({ name }) => name)).toEqual(['big', 'exact', 'nothing', 'flag'])
    expect(rows).toEqual([['9007199254740993', '0.1', null, 't']])
  })
})

test('a text of several statements is refused: the second one could write', async () => {
  const session = await connected()
  const both = session.query({ text: 'set default_transaction_read_only = off; create table t ()' }, 500)
  await expect(both).rejects.toMatchObject({ code: 'PROBE_FAILED', details: { sqlstate: '42601' } })
})

describe('a connection', () => {
  test('that an operator ended is replaced', async () => {
    const session = await connected()
    await server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgherd'`,
    )
    await waitFor('the loss to be seen', () => !session.isConnected)
    await expect(session.query({ text: 'select 1' }, 500)).rejects.toMatchObject({
      code: 'POSTGRES_UNAVAILABLE',
    })
    await session.connect(2_000)
    expect(session.generation).toBe(2)
    expect((await session.query({ text: 'select 1' }, 500)).rows).toEqual([['1']])
  })

  test('that the server ended makes room at once: another one is no third', async () => {
    const slots: ConnectionSlots = new Set()
    const url = server.url('postgres', 'pgherd', 'first')
    await using other = createSession({ url, clock: systemClock, backoff: eager, slots })
    await using session = createSession({ url, clock: systemClock, backoff: eager, slots })
    await other.connect(2_000)
    await session.connect(2_000)
    const suicide = session.query({ text: 'select pg_terminate_backend(pg_backend_pid())' }, 500)
    await expect(suicide).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' })
    await session.connect(2_000)
    expect((await session.query({ text: 'select 1' }, 500)).rows).toEqual([['1']])
  })

  test('is refused with the server’s own words and SQLSTATE', async () => {
    await expect(open('wrong').connect(2_000)).rejects.toMatchObject({
      code: 'POSTGRES_UNAVAILABLE',
      message: expect.stringContaining('password authentication failed') as string,
      details: { sqlstate: '28P01' },
    })
  })

  test('to a place that accepts and never answers is given up at the deadline', async () => {
    await using hole = await startBlackhole()
    const session = open('first', `postgres://pgherd@127.0.0.1:${hole.port}/postgres`)
    const startedMs = performance.now()
    await expect(session.connect(150)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  test('is not tried again before the backoff has passed', async () => {
    await using hole = await startBlackhole()
    const session = createSession({
      url: `postgres://pgherd@127.0.0.1:${hole.port}/postgres`,
      clock: systemClock,
      backoff: { next: () => 60_000, reset: () => undefined },
    })
    onTestFinished(() => session[Symbol.asyncDispose]())
    await expect(session.connect(50)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await expect(session.connect(50)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(hole.accepted).toBe(1)
  })

  test('uses the password that the file holds now', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-password-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const passwordFile = join(directory, 'password')
    writeFileSync(passwordFile, 'old\nsecond line\n')
    const session = createSession({
      url: server.url('postgres', 'pgherd'),
      passwordFile,
      clock: systemClock,
      backoff: eager,
    })
    onTestFinished(() => session[Symbol.asyncDispose]())
    await expect(session.connect(2_000)).rejects.toMatchObject({ details: { sqlstate: '28P01' } })
    writeFileSync(passwordFile, 'first\n')
    await session.connect(2_000)
    expect(session.isConnected).toBe(true)
  })

  test('that cannot read its password file says so', async () => {
    const session = createSession({
      url: server.url('postgres', 'pgherd'),
      passwordFile: '/no/such/password',
      clock: systemClock,
    })
    onTestFinished(() => session[Symbol.asyncDispose]())
    await expect(session.connect(2_000)).rejects.toThrow('the password file cannot be read: ENOENT')
  })

  test('whose password file begins with an empty line names the file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-password-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const passwordFile = join(directory, 'password')
    writeFileSync(passwordFile, '\nsecret\n')
    const session = createSession({
      url: server.url('postgres', 'pgherd'),
      passwordFile,
      clock: systemClock,
    })
    onTestFinished(() => session[Symbol.asyncDispose]())
    await expect(session.connect(2_000)).rejects.toThrow(
      `the first line of the password file ${passwordFile} is empty`,
    )
  })
})

test('a server that hangs costs a deadline, and never a third session', async () => {
  const session = await connected()
  await waitFor('earlier sessions to be gone', async () => (await sessionsOnServer()) === 1)
  await server.pause()
  try {
    const startedMs = performance.now()
    await expect(session.query({ text: 'select 1' }, 100)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(session.isConnected).toBe(false)
    await expect(session.connect(100)).rejects.toMatchObject({ code: 'TIMED_OUT' })
  } finally {
    server.resume()
  }
  await session.connect(5_000)
  expect((await session.query({ text: 'select 1' }, 1_000)).rows).toEqual([['1']])
  expect(await sessionsOnServer()).toBeLessThanOrEqual(2)
  await waitFor('the given up backend to end itself', async () => (await sessionsOnServer()) === 1)
})

test('two backends that hang are not joined by a third', async () => {
  const session = await connected()
  await waitFor('earlier sessions to be gone', async () => (await sessionsOnServer()) === 1)
  const stopped: number[] = []
  try {
    for (let i = 0; i < 2; i++) {
      const { rows } = await session.query({ text: 'select pg_backend_pid()' }, 1_000)
      const pid = Number(rows[0]?.[0])
      process.kill(pid, 'SIGSTOP')
      stopped.push(pid)
      await expect(session.query({ text: 'select 1' }, 50)).rejects.toMatchObject({ code: 'TIMED_OUT' })
      if (i === 0) await session.connect(2_000)
    }
    await expect(session.connect(2_000)).rejects.toThrow('2 sessions of pgherd on 127.0.0.1')
    expect(await sessionsOnServer()).toBe(2)
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
  }
  await waitFor('the backends to end themselves', async () => (await sessionsOnServer()) === 0)
  await waitFor('a new connection', async () => {
    await session.connect(2_000).catch(() => undefined)
    return session.isConnected
  })
})

test('disposing leaves no session on the server', async () => {
  const session = await connected()
  await session[Symbol.asyncDispose]()
  await waitFor('no session', async () => (await sessionsOnServer()) === 0)
})

describe('capabilities', () => {
  test('tell version, role, database, extensions and the schemas asked for', async () => {
    await server.query('create extension if not exists pg_stat_statements')
    const session = await connected()
    const reader = createCapabilityReader(session, ['public', 'absent'])
    const found = await reader.read(2_000)
    expect(found).toMatchObject({ inRecovery: false, database: 'postgres', user: 'pgherd' })
    expect(Math.trunc(found.versionNumber / 10_000)).toBe(18)
    expect([...found.extensions.keys()].sort()).toEqual(['pg_stat_statements', 'plpgsql'])
    expect([...found.schemas]).toEqual(['public'])
    const [control] = await server.query<{ id: string }>(
      'select system_identifier::text as id from pg_control_system()',
    )
    expect(found.systemIdentifier).toBe(control?.id)
  })

  test('are known while somebody has locked the catalog, extensions and schemas as they were before', async () => {
    const session = await connected()
    const reader = createCapabilityReader(session, ['public'])
    const before = await reader.read(2_000)
    await withClient(
      { host: server.socketDirectory, port: server.port, database: 'postgres' },
      async (locker) => {
        await locker.query('begin; lock table pg_catalog.pg_extension, pg_catalog.pg_namespace')
        expect(await reader.read(2_000)).toEqual(before)
        // A reader that never saw them knows at least the server.
        expect(await createCapabilityReader(session, ['public']).read(2_000)).toMatchObject({
          versionNumber: before.versionNumber,
          extensions: new Map(),
        })
      },
    )
  })

  test('lack the system identifier where the role may not read it', async () => {
    await server.query('revoke execute on function pg_control_system() from public')
    onTestFinished(async () => {
      await server.query('grant execute on function pg_control_system() to public')
    })
    const session = await connected()
    const found = await createCapabilityReader(session, []).read(2_000)
    expect(found.systemIdentifier).toBeUndefined()
    expect(found.database).toBe('postgres')
  })
})

test('PostgreSQL 10, which has no JIT compilation to switch off, is connected to all the same', async () => {
  await using old = await startPostgres({ major: 10 })
  await using session = createSession({ url: old.url(), clock: systemClock })
  await session.connect(5_000)
  const { rows } = await session.query({ text: 'show default_transaction_read_only' }, 1_000)
  expect(rows).toEqual([['on']])
})

test('the password comes from .pgpass when nothing else gives one, and its absence is said', async () => {
  await using guarded = await startPostgres({ authentication: 'scram-sha-256' })
  await guarded.query(`create role watcher login password 'from pgpass'`)
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-pgpass-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const pgpassFile = join(directory, 'pgpass')
  const url = guarded.url('postgres', 'watcher')
  await using session = createSession({ url, pgpassFile, clock: systemClock })
  await expect(session.connect(5_000)).rejects.toMatchObject({
    code: 'POSTGRES_UNAVAILABLE',
    message: expect.stringContaining('asks watcher for a password, and there is none') as string,
  })
  writeFileSync(pgpassFile, `127.0.0.1:${guarded.port}:*:watcher:from pgpass\n`, { mode: 0o600 })
  await using another = createSession({ url, pgpassFile, clock: systemClock })
  await another.connect(5_000)
  expect(another.isConnected).toBe(true)
})
