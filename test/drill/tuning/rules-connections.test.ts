/**
 * Rules of connections and locks on real servers that really are in the condition; all rules look, and only what is meant may speak. Made up are
 * the hour since the start, the month of C2 and the quiet host. What takes an hour (C10) is only in
 * test/agent/tuning/rules/connections; C7 and C9 are in rules-waits.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type pg from 'pg'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'
import { asApp, withSessions } from './app-sessions.ts'
import { saidTo } from './said-to.ts'

const ample = { random_page_cost: '1.1', shared_buffers: '64MB', max_wal_size: '4GB', log_lock_waits: 'on' }

const grew = (counter: string, by: number) => (evidence: Evidence) => (evidence.increase(counter) ?? 0) >= by
const reached = (gauge: string, least: number) => (evidence: Evidence) => (evidence.max(gauge) ?? 0) >= least

describe('connections', () => {
  let observed: ObservedTestServer
  beforeAll(async () => {
    observed = await startObserved({ settings: { ...ample, max_connections: '20' } })
    await observed.server.query('create role app login')
  })
  afterAll(() => observed[Symbol.asyncDispose]())
  /** Of 20, 3 are kept for superusers, and the one that looks has another. */
  const places = 16

  const turnedAway = async (): Promise<void> => {
    await expect(asApp(observed.server, () => Promise.resolve())).rejects.toMatchObject({ code: '53300' })
  }

  test('that run out though hardly anybody does anything ask for a pooler', async () => {
    await withSessions(observed.server, places, async () => {
      const evidence = await observed.watch(turnedAway, { until: reached('activity.client_backends', 17) })
      expect(await saidTo(observed, evidence)).toEqual({
        C1: [
          expect.stringMatching(
            /^1[78] of 17 connections were in use .* turned away, while 0 at most .* pgBouncer/,
          ),
        ],
      })
    })
  })

  test('that run out while everybody is at work ask for more of them', async () => {
    await withSessions(observed.server, places, async (clients) => {
      const work = clients.map((client) => client.query('select pg_sleep(2)'))
      const evidence = await observed.watch(async () => {
        await turnedAway()
        await Promise.all(work)
      })
      expect(await saidTo(observed, evidence)).toEqual({ C1: ['max_connections = 25'] })
    })
  })

  test('that are made anew for each statement ask for a pooler', async () => {
    const evidence = await observed.watch(
      async () => {
        for (let i = 0; i < 150; i++) await asApp(observed.server, (client) => client.query('select 1'))
      },
      { until: grew('database.sessions', 150) },
    )
    expect(await saidTo(observed, evidence)).toEqual({
      C3: [expect.stringMatching(/^\d+\.\d sessions a second begin .* a pooler/)],
    })
  })
})

test('200 connections have few that are kept for others, and a month in which nobody took them', async () => {
  await using observed = await startObserved({ settings: { ...ample, max_connections: '200' } })
  const evidence = await observed.watch(() => Promise.resolve(), { asHours: 721 })
  expect(await saidTo(observed, evidence)).toEqual({
    C2: [expect.stringContaining('max_connections = 100 would be')],
    C8: ['superuser_reserved_connections = 5', 'reserved_connections = 5'],
  })
})

describe.each([15, 18] as const)('transactions of PostgreSQL %i', (major) => {
  let observed: ObservedTestServer
  beforeAll(async () => {
    observed = await startObserved({
      major,
      settings: { ...ample, max_prepared_transactions: '2', deadlock_timeout: '20ms' },
    })
    await observed.server.query('create role app login')
    await observed.server.query('create table pair as select i from generate_series(1, 2) as i')
    await observed.server.query('grant all on pair to app')
  })
  afterAll(() => observed[Symbol.asyncDispose]())

  test('that are left open ask for a limit, and who leaves them is told', async () => {
    await asApp(observed.server, async (holder) => {
      await holder.query(`begin; set application_name = 'shop'`)
      const evidence = await observed.watch(
        () =>
          withSessions(observed.server, 2, async ([client, clock]) => {
            for (let i = 0; i < 120; i++) {
              await client!.query('begin')
              await clock!.query('select pg_sleep(0.02)')
              await client!.query('commit')
            }
          }),
        { until: grew('database.idle_in_transaction_time', 1000) },
      )
      const said = await saidTo(observed, evidence)
      expect(said).toEqual({ C4: ['idle_in_transaction_session_timeout = 10min'] })
      const { findings } = await observed.adviceOf(evidence)
      expect(findings.get('C4')?.notes[0]).toContain('app in postgres (shop): 1, for')
      await holder.query('rollback')
    })
  })

  test('that wait for each other are told, and no setting is', async () => {
    const cross = async (first: pg.Client, second: pg.Client): Promise<void> => {
      await first.query('begin; update pair set i = i where i = 1')
      await second.query('begin; update pair set i = i where i = 2')
      const ends = await Promise.allSettled([
        first.query('update pair set i = i where i = 2'),
        second.query('update pair set i = i where i = 1'),
      ])
      expect(ends.filter(({ status }) => status === 'rejected')).toMatchObject([
        { reason: { code: '40P01' } },
      ])
      await Promise.all([first.query('rollback'), second.query('rollback')])
    }
    const evidence = await observed.watch(
      () =>
        withSessions(observed.server, 2, async ([first, second]) => {
          for (let i = 0; i < 3; i++) await cross(first!, second!)
        }),
      { until: grew('database.deadlocks', 3) },
    )
    expect(await saidTo(observed, evidence)).toEqual({
      C5: [expect.stringMatching(/deadlocks an hour \(3 in postgres .*: no setting helps/)],
    })
  })

  test('that are prepared and young are seen, and nothing is said of them', async () => {
    await observed.server.query(`begin; create table prepared (i int); prepare transaction 'order 17'`)
    const evidence = await observed.watch(() => Promise.resolve(), {
      until: reached('prepared.transactions', 1),
    })
    expect(evidence.last('prepared.oldest_seconds')).toBeGreaterThan(0)
    expect((await observed.details()).preparedTransactions).toMatchObject([{ gid: 'order 17' }])
    expect(await saidTo(observed, evidence)).toEqual({})
    await observed.server.query(`rollback prepared 'order 17'`)
  })
})

test('a table of locks that is more than half full is to be twice as large', async () => {
  await using observed = await startObserved({
    settings: { ...ample, max_connections: '20', max_locks_per_transaction: '10' },
  })
  await observed.server.query('create role app login')
  await asApp(observed.server, async (client) => {
    const all = client.query('select pg_advisory_xact_lock(i) from generate_series(1, 50000) as i')
    await expect(all).rejects.toMatchObject({ code: '53200' })
    // It tells before it has given them back.
    await client.query('select 1')
    const evidence = await observed.watch(() =>
      client.query('select pg_advisory_lock(i) from generate_series(1, 150) as i'),
    )
    expect(await saidTo(observed, evidence)).toEqual({ C6: ['max_locks_per_transaction = 20'] })
  })
})
