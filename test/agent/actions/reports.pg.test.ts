import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reports } from '../../../agent/actions/reports.ts'
import { openActionSession } from '../../../agent/postgres/action-session.ts'
import type { ActionSession } from '../../../agent/postgres/action-session.ts'
import { systemClock } from '../../../common/clock.ts'
import type { ActionOutput } from '../../../common/command/result.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { postgresMajors, startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { rowsOf } from './action-context.ts'

async function open(server: PostgresServer, user = 'watcher'): Promise<ActionSession> {
  const url = server.url('postgres', user)
  return openActionSession({ url, clock: systemClock, slots: new Set(), timeoutMs: 5_000 })
}

async function show(session: ActionSession, name: string, limit = 50): Promise<readonly ActionOutput[]> {
  const report = reports.find((one) => one.name === name)!
  const { signal } = new AbortController()
  return report.read({ session, limit, megabytes: 64, clock: systemClock, signal })
}

async function prepare(server: PostgresServer): Promise<void> {
  await server.query(`create role watcher login in role pg_monitor`)
  await server.query(`create role stranger login`)
  await server.query(`create table public.ledger as select n from generate_series(1, 1000) n`)
}

describe.each(postgresMajors)('on PostgreSQL %d', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { max_prepared_transactions: '5' } })
    await prepare(server)
    await server.query('create extension pg_stat_statements')
    await server.query(`select pg_create_physical_replication_slot('kept', true)`)
    await server.query('select count(*) from public.ledger')
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test.each(['watcher', 'stranger', 'postgres'])('every report is read by %s', async (user) => {
    await using session = await open(server, user)
    for (const { name } of reports) {
      // It takes a second, and asks what activity asks.
      if (name === 'waits') continue
      const output = await show(session, name)
      expect(output.length, name).toBeGreaterThan(0)
    }
  })

  test('slots, queries, sizes and settings show what there is', async () => {
    await using session = await open(server)
    expect(rowsOf(await show(session, 'slots'), 'Replication slots')).toMatchObject([
      { slot: 'kept', active: 'f', wal_status: 'reserved' },
    ])
    const [statement] = rowsOf(await show(session, 'queries'), 'Statements by total time')
    expect(Number(statement!['total_ms'])).toBeGreaterThanOrEqual(0)
    const tables = rowsOf(await show(session, 'sizes'), 'Tables')
    expect(tables.map((row) => row['table'])).toContain('public.ledger')
    expect(rowsOf(await show(session, 'settings', 500), 'Settings')).toContainEqual(
      expect.objectContaining({ name: 'max_prepared_transactions', setting: '5', pending_restart: 'f' }),
    )
  })

  test('the lock tree has sessions and prepared transactions', async () => {
    await using session = await open(server)
    await server.query(
      `begin; lock table public.ledger in share mode; prepare transaction 'forgotten, "one"'`,
    )
    try {
      await withClient({ host: server.host, port: server.port }, async (first) => {
        const waiting = first.query('insert into public.ledger values (1)')
        waiting.catch(() => undefined)
        await withClient({ host: server.host, port: server.port }, async (second) => {
          const behind = second.query('begin; lock table public.ledger')
          behind.catch(() => undefined)
          await waitFor('two that wait', async () => {
            const rows = await server.query(`select from pg_stat_activity where wait_event_type = 'Lock'`)
            return rows.length === 2
          })
          const rows = rowsOf(await show(session, 'locks'), 'Locks')
          expect(rows[0]).toMatchObject({ session: 'prepared forgotten, "one"', user: 'postgres' })
          expect(rows.slice(1).map((row) => row['waits_for'])).toEqual([
            'RowExclusiveLock on public.ledger',
            'AccessExclusiveLock on public.ledger',
          ])
          expect(rows[1]!['session']).toMatch(/^ {2}└ \d+$/)
          await server.query(
            `select pg_cancel_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'`,
          )
          await Promise.allSettled([waiting, behind])
        })
      })
    } finally {
      await server.query(`rollback prepared 'forgotten, "one"'`)
    }
  })
})

describe('a report', () => {
  let server: PostgresServer
  beforeAll(async () => {
    // Nobody is at work there but who is told to.
    server = await startPostgres({ settings: { shared_preload_libraries: '', autovacuum: 'off' } })
    await prepare(server)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('of activity says which session it is, to the microsecond, and hides passwords', async () => {
    await using session = await open(server)
    await withClient({ host: server.host, port: server.port }, async (client) => {
      await client.query(`begin; /* alter role x password 'secret' */ select 1`)
      const [row] = rowsOf(await show(session, 'activity'), 'Sessions')
      expect(row).toMatchObject({ state: 'idle in transaction', user: 'postgres', application: 'testbed' })
      expect(row!['backend_start']).toMatch(/^\d{4}-.*\.\d+\+00$/)
      expect(row!['query']).toContain(`password '***'`)
    })
  })

  test('of activity tells a role without pg_monitor what it lacks', async () => {
    await using session = await open(server, 'stranger')
    await withClient({ host: server.host, port: server.port }, async (client) => {
      await client.query('select 1')
      expect(JSON.stringify(await show(session, 'activity'))).toContain('GRANT pg_monitor')
    })
  })

  test('of queries tells how to get pg_stat_statements', async () => {
    await using session = await open(server)
    const said = JSON.stringify(await show(session, 'queries'))
    expect(said).toContain('shared_preload_libraries')
    expect(said).toContain('CREATE EXTENSION pg_stat_statements; in database postgres')
  })

  test('of sizes leaves out a table that is locked, and waits for nothing', async () => {
    await using session = await open(server)
    await withClient({ host: server.host, port: server.port }, async (client) => {
      await client.query('begin; lock table public.ledger')
      const output = await show(session, 'sizes')
      expect(JSON.stringify(output)).not.toContain('public.ledger')
    })
  })

  test('has no more rows than asked for, and says so', async () => {
    await using session = await open(server)
    const [, table] = await show(session, 'settings', 2)
    expect(table).toMatchObject({ truncated: true })
    expect(rowsOf([table!], 'Settings')).toHaveLength(2)
  })

  test('of waits finds who is active', async () => {
    await using session = await open(server)
    await withClient({ host: server.host, port: server.port }, async (client) => {
      const sleeping = client.query('select pg_sleep(30)')
      sleeping.catch(() => undefined)
      const sleepers = `from pg_stat_activity where wait_event = 'PgSleep'`
      await waitFor('the sleeper', async () => (await server.query(`select ${sleepers}`)).length > 0)
      const rows = rowsOf(await show(session, 'waits'), 'Waits in 10 looks')
      expect(rows).toContainEqual({
        wait: 'Timeout:PgSleep',
        by: 'client backend',
        sessions: '1.0',
        '%': '100.0',
        seen: '10',
      })
      await server.query(`select pg_cancel_backend(pid) ${sleepers}`)
    })
  })

  test('of replication has the sender and the receiver', async () => {
    await using standby = await startStandby(server, { name: 'second' })
    await using onPrimary = await open(server)
    const [row] = rowsOf(await show(onPrimary, 'replication'), 'Standbys')
    expect(row).toMatchObject({ standby: 'second', state: 'streaming', sync_state: 'async' })
    await using onStandby = await open(standby)
    const output = await show(onStandby, 'replication')
    expect(rowsOf(output, 'This standby')).toMatchObject([{ status: 'streaming', slot: 'second' }])
    for (const { name } of reports) await show(onStandby, name)
  })
})
