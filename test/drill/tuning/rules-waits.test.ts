/**
 * What many sessions wait for, on real servers with many sessions; all rules look, and only what is meant may speak. Made up are the hour since
 * the start and the quiet host.
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
        shared_buffers: '16MB',
        io_method: 'sync',
        max_connections: '80',
        // Whoever takes numbers as fast as below would come near to it within days.
        autovacuum_freeze_max_age: '2000000000',
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
    // A row for each page, ten times as many as shared_buffers have.
    await server.query('create table pages (id int primary key, filler text) with (fillfactor = 10)')
    await server.query(`insert into pages select i, repeat('x', 700) from generate_series(1, 20000) as i`)
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

  test('whose transactions are as short as can be wait for their numbers and for the list of transactions', async () => {
    // Who waits for which of them is as the machine has it: one that the kernel stops while it has the lock makes all others wait.
    const said = await waitFor(
      'the sessions to stand in a queue',
      async () => {
        const seen = await saidTo(
          observed,
          await all('begin for i in 1..5000 loop perform pg_current_xact_id(); commit; end loop; end'),
        )
        return seen['C9'] === undefined ? undefined : seen
      },
      { timeoutMs: 60_000 },
    )
    for (const note of said['C9'] ?? [])
      expect(note).toMatch(/of the sessions at work wait for LWLock:(XidGen|ProcArray): /)
    // Each also locks its number, in the table of locks.
    const locks = expect.stringContaining('they are locks of other kinds (of transactions') as string
    expect(said['C7'] ?? [locks]).toEqual([locks])
    expect(Object.keys(said).filter((id) => id !== 'C7')).toEqual(['C9'])
  })

  test('that read pages which shared_buffers do not hold wait for the directory of buffers', async () => {
    const evidence = await all(`
      declare found int;
      begin
        for i in 1..100 loop
          select count(filler) into found from pages
           where id in (select (random() * 20000)::int from generate_series(1, 100));
        end loop;
      end`)
    expect(await saidTo(observed, evidence)).toEqual({
      C9: [expect.stringMatching(/of the sessions at work wait for LWLock:BufferMapping/)],
    })
  })

  test('that write WAL wait for a place to write it', async () => {
    const evidence = await all(`
      begin for i in 1..500 loop perform pg_logical_emit_message(false, 'a', repeat('x', 20000)); end loop; end`)
    expect(await saidTo(observed, evidence)).toEqual({
      C9: [expect.stringMatching(/of the sessions at work wait for LWLock:WALInsert/)],
    })
  })
})
