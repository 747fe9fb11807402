/**
 * Rules of checkpoints on real servers; all rules look, and only what is meant may speak. It takes a minute, because PostgreSQL has no shorter
 * checkpoint_timeout than 30 s and two of them have to pass; in production they are hundreds. The slow disk is one whose flushes strace holds up.
 */
import { expect, test } from 'vitest'
import { canSlowCalls, slowCalls } from '../../../testbed/slow-calls.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'
import { ample, grew, many, watchUntil } from './wal-bed.ts'

test.concurrent('WAL of whole pages, with checkpoints close together, has them come less often', async () => {
  await using observed = await startObserved({
    settings: { ...ample, checkpoint_timeout: '30s', autovacuum: 'off' },
  })
  await observed.server.query(`
    create table t (id int, n int, filler text) with (fillfactor = 90);
    insert into t select i, 0, repeat('x', 60) from generate_series(1, 40000) as i`)
  // One row of each page: the first time after a checkpoint all of the page goes into WAL.
  const touch = many(1, 'update t set n = n + 1 where id % 80 = 0')
  const evidence = await watchUntil(
    observed,
    async (server) => {
      const due = async (): Promise<number> => {
        const [row] = await server.query<{ n: string }>('select num_timed as n from pg_stat_checkpointer')
        return Number(row?.n)
      }
      const before = await due()
      const isOver = async (): Promise<boolean> => {
        await touch(server)
        return (await due()) >= before + 2
      }
      await waitFor('two checkpoints that are due', isOver, { timeoutMs: 90_000, intervalMs: 2_000 })
      await touch(server)
      await server.query('analyze t')
    },
    grew('checkpoints.timed', 2),
    { everyMs: 5_000 },
  )
  expect(await saidTo(observed, evidence)).toEqual({ W2: ['checkpoint_timeout = 15min'] })
})

test
  .skipIf(!canSlowCalls)
  .concurrent('checkpoints that end with a long flush, for which the kernel is asked earlier', async () => {
    await using observed = await startObserved({ settings: { ...ample, fsync: 'on', autovacuum: 'off' } })
    const names = Array.from({ length: 20 }, (_, i) => `t${i}`)
    await observed.server.query(names.map((name) => `create table ${name} as select 1 as n`).join(';'))
    const [checkpointer] = await observed.server.query<{ pid: number }>(
      `select pid from pg_stat_activity where backend_type = 'checkpointer'`,
    )
    await using disk = new AsyncDisposableStack()
    disk.use(await slowCalls(observed.server, ['fsync', 'fdatasync'], 60, checkpointer!.pid))
    const change = names.map((name) => `update ${name} set n = n + 1`).join(';')
    const evidence = await watchUntil(
      observed,
      many(10, change, 'checkpoint'),
      grew('checkpoints.requested', 10),
    )
    expect(await saidTo(observed, evidence)).toEqual({ W3: ['checkpoint_flush_after = 512kB'] })
  })
