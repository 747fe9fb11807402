/**
 * Rules of a disk that is slow with WAL, on real servers; all rules look, and only what is meant may speak. The disk is slow because strace holds up
 * each flush, which needs root: without it these tests are skipped.
 */
import { describe, expect, test } from 'vitest'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { canSlowCalls, slowCalls } from '../../../testbed/slow-calls.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'
import { ample, grew, many, watchUntil } from './wal-bed.ts'

const flushes = ['fsync', 'fdatasync']

describe.skipIf(!canSlowCalls)('a disk that flushes slowly', () => {
  test('makes commits wait, which no setting helps', async () => {
    await using observed = await startObserved({ settings: { ...ample, fsync: 'on' } })
    await observed.server.query('create table t (n int)')
    await using disk = new AsyncDisposableStack()
    disk.use(await slowCalls(observed.server, flushes, 12))
    const evidence = await watchUntil(observed, many(150, 'insert into t values (1)'), grew('wal.syncs', 110))
    expect(await saidTo(observed, evidence)).toEqual({
      W5: [expect.stringContaining('no setting makes a disk faster')],
    })
  })

  test('has many commits at once share a flush', async () => {
    // So many transactions would otherwise be a reason to freeze them later.
    const settings = { ...ample, fsync: 'on', autovacuum_freeze_max_age: '800000000' }
    await using observed = await startObserved({ settings })
    await observed.server.query('create table t (n int)')
    await using disk = new AsyncDisposableStack()
    disk.use(await slowCalls(observed.server, flushes, 4))
    const writers = (server: PostgresServer) =>
      Promise.all(Array.from({ length: 30 }, () => many(150, 'insert into t values (1)')(server)))
    const evidence = await watchUntil(observed, writers, grew('database.xact_commit', 4_000))
    expect(await saidTo(observed, evidence)).toEqual({
      W5: [expect.stringContaining('no setting makes a disk faster')],
      W6: ['commit_delay = 2000'],
    })
  })
})
