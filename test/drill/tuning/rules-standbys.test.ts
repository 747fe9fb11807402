/**
 * Rules of standbys on real ones; all rules look, and only what is meant may speak. Made up is the hour since the start. A slow network is a
 * receiver of WAL that is stopped, so that nothing gets through to it; a slow disk one whose flushes strace holds up, which needs root.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { signalProcess } from '../../../testbed/process-table.ts'
import { canSlowCalls, slowCalls } from '../../../testbed/slow-calls.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { observed, startObserved } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'
import { ample, grew, many, reached, writeWal } from './wal-bed.ts'

describe('a standby', () => {
  /** A primary with a table, and a standby of it that is looked at. */
  async function startPair(major: 15 | 18, settings: Readonly<Record<string, string>>) {
    await using stack = new AsyncDisposableStack()
    const primary = stack.use(await startObserved({ major, settings: { ...ample, autovacuum: 'off' } }))
    await primary.server.query('create table t (n int); insert into t select generate_series(1, 20000)')
    await primary.server.query('analyze t')
    const standby = stack.use(
      await observed(await startStandby(primary.server, { settings: { ...ample, ...settings } })),
    )
    const kept = stack.move()
    return { primary, standby, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  }

  /** A long query of the standby, which needs its rows and its lock of the table, until replay has cancelled it. */
  async function cancelled(standby: PostgresServer, replayed: () => Promise<unknown>): Promise<void> {
    const query = standby.query('select pg_sleep(30) from t where n = (select max(n) from t)')
    const seen = { isOver: false }
    const ended = query.then(
      () => Promise.reject(new Error('the query was not cancelled')),
      () => (seen.isOver = true),
    )
    await waitFor('the query to run', async () => {
      // What was replayed before may cancel it as well, at once.
      if (seen.isOver) return true
      const rows = await standby.query(`select from pg_stat_activity where wait_event = 'PgSleep'`)
      return rows.length > 0
    })
    if (!seen.isOver) await replayed()
    await ended
  }

  test.each([15, 18] as const)(
    'of PostgreSQL %i whose queries are cancelled because of removed rows tells its primary of them',
    async (major) => {
      await using pair = await startPair(major, {
        max_standby_streaming_delay: '0',
        hot_standby_feedback: 'off',
      })
      const { primary, standby } = pair
      const evidence = await standby.watch(
        async () => {
          for (let i = 0; i < 12; i++) {
            await cancelled(standby.server, async () => {
              await primary.server.query('delete from t where n = (select min(n) from t)')
              await primary.server.query('vacuum t')
            })
          }
        },
        { until: grew('conflicts.snapshot', 10) },
      )
      expect(await saidTo(standby, evidence)).toEqual({ R5: ['hot_standby_feedback = on'] })
    },
  )

  test('whose queries are cancelled because of locks gives them more time', async () => {
    await using pair = await startPair(18, {
      max_standby_streaming_delay: '100ms',
      hot_standby_feedback: 'off',
    })
    const { primary, standby } = pair
    const lock = 'begin; lock table t in access exclusive mode; commit'
    const evidence = await standby.watch(
      async () => {
        for (let i = 0; i < 12; i++) await cancelled(standby.server, () => primary.server.query(lock))
      },
      { until: grew('conflicts.lock', 10) },
    )
    expect(await saidTo(standby, evidence)).toEqual({ R5: ['max_standby_streaming_delay = 200ms'] })
  })

  test('whose replay is behind reads ahead, and its primary says where it lags', async () => {
    await using pair = await startPair(15, { recovery_prefetch: 'off', max_standby_streaming_delay: '-1' })
    const { primary, standby } = pair
    // A query that replay has to wait for, and WAL behind that.
    await withClient({ host: standby.server.socketDirectory, port: standby.server.port }, async (client) => {
      await client.query('begin')
      await client.query('select count(*) from t')
      const behind = async () => {
        await primary.server.query('begin; lock table t in access exclusive mode; commit')
        await primary.server.query('create table w (n text)')
        await many(3, writeWal.replace('into t', 'into w'))(primary.server)
        await sleep(1_000)
      }
      const [there, here] = [
        await standby.watch(behind, { until: reached('recovery.apply_bytes', 20_000_000) }),
        await primary.watch(() => Promise.resolve(), {
          until: reached('replication.apply_bytes', 20_000_000),
        }),
      ]
      expect(await saidTo(standby, there)).toEqual({
        R4: ['recovery_prefetch = try', expect.stringContaining('maintenance_io_concurrency = ')],
      })
      expect(await saidTo(primary, here)).toEqual({
        R4: [expect.stringContaining('a standby gets')],
      })
    })
  })
})

test('a standby that WAL does not get to is told of by its primary', async () => {
  await using bed = await startObserved({ settings: ample })
  await bed.server.query('create table t (n text)')
  await using standby = await startStandby(bed.server)
  const [receiver] = await standby.query<{ pid: number }>('select pid from pg_stat_wal_receiver')
  signalProcess(receiver!.pid, 'SIGSTOP')
  try {
    const evidence = await bed.watch(() => many(3, writeWal)(bed.server), {
      until: reached('replication.network_bytes', 20_000_000),
    })
    expect(await saidTo(bed, evidence)).toEqual({ R4: [expect.stringContaining('on the way to them')] })
  } finally {
    signalProcess(receiver!.pid, 'SIGCONT')
  }
})

test.skipIf(!canSlowCalls)('a standby whose disk is slow with WAL is told of by its primary', async () => {
  await using bed = await startObserved({ settings: ample })
  await bed.server.query('create table t (n text)')
  await using standby = await startStandby(bed.server, { settings: { fsync: 'on' } })
  await using disk = new AsyncDisposableStack()
  const [receiver] = await standby.query<{ pid: number }>('select pid from pg_stat_wal_receiver')
  // Flushing WAL is fdatasync, making a segment of it fsync.
  disk.use(await slowCalls(standby, ['fdatasync'], 6_000, receiver!.pid))
  const isLate = async (): Promise<boolean> => {
    await bed.server.query('insert into t values (1)')
    const late = `select from pg_stat_replication where flush_lag - write_lag > '5 s'`
    return (await bed.server.query(late)).length > 0
  }
  const evidence = await bed.watch(() =>
    waitFor('a late flush', isLate, { timeoutMs: 40_000, intervalMs: 1_000 }),
  )
  expect(await saidTo(bed, evidence)).toEqual({
    R4: [expect.stringContaining('in flushing what it has written')],
  })
})

test('WAL that was removed before a standby without a slot had it is kept for longer', async () => {
  const settings = { ...ample, wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' }
  await using bed = await startObserved({
    settings: { ...settings, logging_collector: 'on', log_directory: 'log', log_filename: 'postgresql.log' },
  })
  const { server } = bed
  await server.query('create table t (n text)')
  await server.query(
    'grant execute on function pg_read_binary_file(text, bigint, bigint), pg_stat_file(text) to observer',
  )
  await server.query('grant pg_read_server_files to observer')
  const standby = await startStandby(server, { name: 'away', settings: { primary_slot_name: '' } })
  await using there = await observed(standby)
  await standby.stop()
  await server.query(`select pg_drop_replication_slot('away')`)
  const evidence = await bed.watch(async () => {
    await many(8, writeWal)(server)
    await server.query('checkpoint')
    await standby.start()
    await waitFor('the primary to refuse', async () => ((await bed.details()).removedWal?.refusals ?? 0) > 0)
  })
  // So that this is all that it is short of.
  await server.query(`alter system set max_wal_size = '10GB'`)
  await server.query('select pg_reload_conf()')
  expect(await saidTo(bed, evidence)).toEqual({ R3: [expect.stringMatching(/^wal_keep_size = /)] })

  const away = await there.watch(() => Promise.resolve())
  expect(await saidTo(there, away)).toEqual({
    R3: [
      expect.stringContaining('did not stream in 100 % of the looks, and its log cannot be read from here'),
    ],
  })
})
