import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openActionSession } from '../../../agent/postgres/action-session.ts'
import type { ActionSession, ActionSessionOptions } from '../../../agent/postgres/action-session.ts'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import { createSession } from '../../../agent/postgres/session.ts'
import type { Session } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { startBlackhole } from '../../../testbed/blackhole.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.query('create database other')
  await server.query('create table public.ledger as select n from generate_series(1, 1000) n')
})
afterAll(() => server[Symbol.asyncDispose]())

const never = new AbortController().signal

async function open(options: Partial<ActionSessionOptions> = {}): Promise<ActionSession> {
  const session = await openActionSession({
    url: server.url('postgres', 'postgres'),
    clock: systemClock,
    slots: new Set(),
    timeoutMs: 5_000,
    ...options,
  })
  onTestFinished(() => session[Symbol.asyncDispose]())
  return session
}

async function measuring(slots: ConnectionSlots): Promise<Session> {
  const session = createSession({ url: server.url('postgres', 'postgres'), clock: systemClock, slots })
  onTestFinished(() => session[Symbol.asyncDispose]())
  await session.connect(2_000)
  return session
}

async function valueOf(session: ActionSession, text: string): Promise<string | null | undefined> {
  return (await session.read({ text }, 2_000)).rows[0]?.[0]
}

const activeActions = `select pid from pg_stat_activity where application_name = 'pgherd action' and state = 'active'`

/** A change that is under way until what is returned ends it. */
async function lastingChange(session: ActionSession): Promise<() => Promise<void>> {
  const abort = new AbortController()
  const change = session.change({ text: 'select pg_sleep(60)' }, { timeoutMs: 90_000, signal: abort.signal })
  change.catch(() => undefined)
  await waitFor('the change', async () => (await server.query(activeActions)).length > 0)
  return async () => {
    abort.abort()
    await expect(change).rejects.toMatchObject({ code: 'CANCELLED' })
  }
}

describe('a session for actions', () => {
  test('knows its server', async () => {
    const session = await open()
    const [row] = await server.query<{ id: string }>(
      'select system_identifier::text id from pg_control_system()',
    )
    expect(session).toMatchObject({ versionNumber: 180_004, inRecovery: false, systemIdentifier: row!.id })
  })

  test('has its guard rails on before its first statement', async () => {
    const session = await open()
    const { rows } = await session.read(
      {
        text: `select name || '=' || setting from pg_settings where name = any ($1) order by name`,
        values: [
          [
            'application_name',
            'client_connection_check_interval',
            'default_transaction_read_only',
            'idle_in_transaction_session_timeout',
            'idle_session_timeout',
            'lock_timeout',
            'search_path',
            'statement_timeout',
          ],
        ],
      },
      1_500,
    )
    expect(rows.flat()).toEqual([
      'application_name=pgherd action',
      'client_connection_check_interval=5000',
      'default_transaction_read_only=on',
      'idle_in_transaction_session_timeout=5000',
      'idle_session_timeout=600000',
      'lock_timeout=100',
      'search_path=pg_catalog',
      'statement_timeout=1500',
    ])
  })

  test('refuses a change that is not sent as one', async () => {
    const session = await open()
    await expect(session.read({ text: 'create table public.t ()' }, 1_000)).rejects.toMatchObject({
      code: 'PROBE_FAILED',
      details: { sqlstate: '25006' },
    })
  })

  test('can write for one statement, and is read-only again after it', async () => {
    const session = await open()
    await session.change(
      { text: 'insert into public.ledger values (0)' },
      { timeoutMs: 2_000, signal: never },
    )
    expect(await valueOf(session, 'show default_transaction_read_only')).toBe('on')
    expect(await valueOf(session, 'show lock_timeout')).toBe('100ms')
  })

  test('is read-only again after a change that failed', async () => {
    const session = await open()
    await expect(
      session.change({ text: 'insert into public.nowhere values (0)' }, { timeoutMs: 2_000, signal: never }),
    ).rejects.toMatchObject({ code: 'PROBE_FAILED', details: { sqlstate: '42P01' } })
    expect(await valueOf(session, 'show default_transaction_read_only')).toBe('on')
  })

  test('runs VACUUM, which no transaction block may hold, and keeps what the server says beside it', async () => {
    const session = await open()
    const { notices } = await session.change(
      { text: 'vacuum (verbose) public.ledger' },
      { timeoutMs: 5_000, signal: never },
    )
    expect(notices.join()).toContain('public.ledger')
  })

  test('moves to another database over the same connection, and back', async () => {
    const session = await open()
    const other = await session.database('other')
    expect(await valueOf(other, 'select current_database()')).toBe('other')
    const rows = await server.query(
      `select datname from pg_stat_activity where application_name = 'pgherd action'`,
    )
    expect(rows).toEqual([{ datname: 'other' }])
    expect(await valueOf(session, 'select current_database()')).toBe('postgres')
  })

  test('waits for a lock no longer than it is told', async () => {
    const session = await open()
    await withClient({ host: server.host, port: server.port }, async (client) => {
      await client.query('begin; lock table public.ledger')
      const change = { text: 'insert into public.ledger values (0)' }
      await expect(
        session.change(change, { timeoutMs: 5_000, lockTimeoutMs: 20, signal: never }),
      ).rejects.toMatchObject({ details: { sqlstate: '55P03' } })
    })
  })
})

describe('a change that is aborted', () => {
  test('has ended on the server when its caller is told', async () => {
    const session = await open()
    const end = await lastingChange(session)
    await end()
    expect(await server.query(activeActions)).toEqual([])
    expect(await valueOf(session, 'show default_transaction_read_only')).toBe('on')
  })

  test('tells the reason that the signal gives', async () => {
    const session = await open()
    const reason = new PgherdError('TIMED_OUT', 'the deadline of the command has passed')
    const change = session.change(
      { text: 'select pg_sleep(30)' },
      { timeoutMs: 60_000, signal: AbortSignal.any([AbortSignal.abort(reason)]) },
    )
    await expect(change).rejects.toBe(reason)
  })

  test('does not begin when it waits for its turn', async () => {
    const session = await open()
    const abort = new AbortController()
    const first = session.change({ text: 'select pg_sleep(0.2)' }, { timeoutMs: 5_000, signal: never })
    const second = session.change(
      { text: 'insert into public.ledger values (-1)' },
      { timeoutMs: 5_000, signal: abort.signal },
    )
    abort.abort()
    await expect(second).rejects.toMatchObject({ code: 'CANCELLED' })
    await first
    expect(await server.query('select from public.ledger where n = -1')).toEqual([])
  })
})

test('a change whose agent is gone ends on the server within seconds', async () => {
  const { port } = new URL(server.url('postgres', 'postgres'))
  const inner = `
    import { openActionSession } from './agent/postgres/action-session.ts'
    import { systemClock } from './common/clock.ts'
    const session = await openActionSession({
      url: 'postgres://postgres@127.0.0.1:${port}/postgres', clock: systemClock, slots: new Set(), timeoutMs: 5000,
    })
    await session.change({ text: 'select pg_sleep(60)' }, { timeoutMs: 90000, signal: new AbortController().signal })`
  const agent = spawn(process.execPath, ['--input-type=module', '--eval', inner], { stdio: 'inherit' })
  onTestFinished(() => void agent.kill('SIGKILL'))
  await waitFor('the change', async () => (await server.query(activeActions)).length > 0)
  agent.kill('SIGKILL')
  await waitFor('its end', async () => (await server.query(activeActions)).length === 0)
})

describe('a server', () => {
  test('that accepts and says nothing is given up in time', async () => {
    await using hole = await startBlackhole()
    const opening = open({ url: `postgres://postgres@127.0.0.1:${hole.port}/postgres`, timeoutMs: 100 })
    await expect(opening).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  test('that hangs in the middle of a change is given up at its deadline', async () => {
    const session = await open()
    await server.pause()
    onTestFinished(() => server.resume())
    const change = session.change({ text: 'select 1' }, { timeoutMs: 200, signal: never })
    await expect(change).rejects.toMatchObject({ code: 'TIMED_OUT' })
    server.resume()
    expect(await valueOf(session, 'select 1')).toBe('1')
  })
})

describe('the two places that pgherd has on a server', () => {
  test('are held by the session that measures and the action: what an action asks beside its change goes over the former', async () => {
    const slots: ConnectionSlots = new Set()
    await measuring(slots)
    const session = await open({ slots })
    const end = await lastingChange(session)
    expect(await valueOf(session, `select current_setting('application_name')`)).toBe('pgherd')
    const rows = await server.query(`select from pg_stat_activity where application_name like 'pgherd%'`)
    expect(rows).toHaveLength(2)
    await end()
  })

  test('are both an action that asks beside its change where nothing measures', async () => {
    const session = await open()
    const end = await lastingChange(session)
    expect(await valueOf(session, `select current_setting('application_name')`)).toBe('pgherd action')
    await end()
  })

  test('are not exceeded by a second action: it reads over the session that measures', async () => {
    const slots: ConnectionSlots = new Set()
    await measuring(slots)
    await open({ slots })
    const second = await open({ slots })
    expect(await valueOf(second, `select current_setting('application_name')`)).toBe('pgherd')
    expect(slots.size).toBe(2)
  })

  test('are left free by what only looks over the session that measures, and makes one of its own without it', async () => {
    const slots: ConnectionSlots = new Set()
    const measurer = await measuring(slots)
    const name = `select current_setting('application_name')`
    const looker = await open({ slots, readsOverMeasuring: true })
    expect(await valueOf(looker, name)).toBe('pgherd')
    expect(slots.size).toBe(1)
    await measurer.leave()
    expect(await valueOf(looker, name)).toBe('pgherd action')
  })

  test('are waited for when the session that measures is about to leave one', async () => {
    const slots: ConnectionSlots = new Set()
    await measuring(slots)
    const visitor = await measuring(slots)
    await visitor.moveTo('other')
    await visitor.connect(2_000)
    const session = await open({ slots })
    const change = session.change({ text: 'select 1' }, { timeoutMs: 2_000, signal: never })
    await visitor.leave()
    expect((await change).rows).toEqual([['1']])
  })
})
