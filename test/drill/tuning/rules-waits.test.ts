/**
 * What many sessions wait for, on real servers with many sessions; all rules look, and only what is meant may speak. Made up are the hour since
 * the start and the quiet host. Waits for transaction numbers, for the list of transactions and for the directory of buffers come and go with the
 * machine, and are only in test/agent/tuning/rules/connections.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { waitFor } from '../../../testbed/wait.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'
import { withSessions } from './app-sessions.ts'

const ample = { random_page_cost: '1.1', shared_buffers: '64MB', max_wal_size: '4GB', log_lock_waits: 'on' }

test('commits that wait for a standby that is not there are told, and nothing is to be set', async () => {
  await using observed = await startObserved({ settings: ample })
  const { server } = observed
  await server.query('create role app login')
  await server.query('create table t (i int)')
  await server.query('grant all on t to app')
  await server.query(`alter system set synchronous_standby_names = 'nobody'`)
  await server.query('select pg_reload_conf()')
  const evidence = await observed.watch(() =>
    withSessions(server, 4, async (clients) => {
      const commits = clients.map((client) => client.query('insert into t values (1)').catch(() => undefined))
      await waitFor('the commits to have waited for a while', async () => {
        const rows = await server.query(
          `select from pg_stat_activity
            where wait_event = 'SyncRep' and query_start < clock_timestamp() - interval '2 seconds'`,
        )
        return rows.length === 4
      })
      await server.query(`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`)
      await Promise.all(commits)
    }),
  )
  expect(await saidTo(observed, evidence)).toEqual({
    C9: [expect.stringMatching(/of the sessions at work wait for IPC:SyncRep/)],
  })
})

describe('forty sessions at once', () => {
  let observed: ObservedTestServer
  beforeAll(async () => {
    observed = await startObserved({
      settings: {
        ...ample,
        max_connections: '80',
        max_parallel_workers_per_gather: '0',
        wal_buffers: '512MB',
        autovacuum: 'off',
      },
    })
    const { server } = observed
    await server.query('create role app login in role pg_read_all_data')
    await server.query('create table parts (k int, v int) partition by range (k)')
    for (let i = 0; i < 60; i++) {
      await server.query(`create table part${i} partition of parts for values from (${i}) to (${i + 1})`)
      await server.query(`create index on part${i} (v)`)
    }
    await server.query('vacuum analyze')
    await server.query('alter role app set synchronous_commit = off')
  })
  afterAll(() => observed[Symbol.asyncDispose]())
  beforeEach(() => observed.server.query('checkpoint'))

  const all = (body: string) =>
    observed.watch(
      () =>
        withSessions(observed.server, 40, async (clients) => {
          await Promise.all(clients.map((client) => client.query(`do $$ ${body} $$`)))
        }),
      { everyMs: 20 },
    )

  test('that lock sixty tables and their indexes wait for the table of locks', async () => {
    const evidence = await all(`
      declare found int;
      begin for i in 1..300 loop select count(*) into found from parts where v = i; commit; end loop; end`)
    expect(await saidTo(observed, evidence)).toEqual({ C7: ['max_locks_per_transaction = 128'] })
  })

  test('that write WAL wait for a place to write it', async () => {
    const evidence = await all(`
      begin for i in 1..500 loop perform pg_logical_emit_message(false, 'a', repeat('x', 20000)); end loop; end`)
    expect(await saidTo(observed, evidence)).toEqual({
      C9: [expect.stringMatching(/of the sessions at work wait for LWLock:WALInsert/)],
    })
  })
})
