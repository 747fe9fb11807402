/**
 * Rules of WAL on real servers that really are in the condition; all rules look, and only what is meant may speak. Made up are the hour since the
 * start, and for W7 the class of the disk and how busy the processors are, because this machine has other things to do.
 */
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import { quietMachine, startObserved } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'
import { ample, grew, many, watchUntil, writeWal } from './wal-bed.ts'

describe.each([15, 17, 18] as const)('checkpoints of PostgreSQL %i', (major) => {
  const small = { ...ample, max_wal_size: '32MB', min_wal_size: '32MB' }

  test('that come because WAL is full have max_wal_size grow', async () => {
    await using observed = await startObserved({ major, settings: small })
    await observed.server.query('create table t (n text)')
    const evidence = await watchUntil(observed, many(30, writeWal), grew('checkpoints.requested', 10))
    expect(await saidTo(observed, evidence)).toEqual({ W1: ['max_wal_size = 128MB'] })
  })

  test('that somebody asks for again and again do not', async () => {
    await using observed = await startObserved({ major, settings: { ...ample, max_wal_size: '1GB' } })
    await observed.server.query('create table t as select 1 as x')
    const storm = many(15, 'update t set x = x + 1', 'checkpoint')
    const evidence = await watchUntil(observed, storm, grew('checkpoints.requested', 10))
    expect(await saidTo(observed, evidence)).toEqual({})
  })
})

test('max_wal_size does not grow while archiving fails', async () => {
  await using observed = await startObserved({
    settings: {
      ...ample,
      max_wal_size: '32MB',
      min_wal_size: '32MB',
      archive_mode: 'on',
      archive_command: 'false',
    },
  })
  await observed.server.query('create table t (n text)')
  const evidence = await watchUntil(
    observed,
    many(30, writeWal),
    (one) => grew('checkpoints.requested', 10)(one) && grew('archiver.failed', 1)(one),
  )
  expect(await saidTo(observed, evidence)).toEqual({
    W1: [expect.stringContaining('it has to stay while archiving has failed')],
    W8: [expect.stringContaining('archiving has failed')],
  })
})

test('archiving that fails is told, and changes nothing', async () => {
  await using observed = await startObserved({
    settings: { ...ample, archive_mode: 'on', archive_command: 'false' },
  })
  const write = 'create table if not exists t (x int); insert into t values (1); select pg_switch_wal()'
  const evidence = await watchUntil(observed, many(1, write), grew('archiver.failed', 1))
  expect(await saidTo(observed, evidence)).toEqual({
    W8: [
      expect.stringMatching(
        /^archiving has failed \d+ times and has not worked since, and \d+ segments wait/,
      ),
    ],
  })
})

test.each([15, 18] as const)('buffers of WAL that are full in PostgreSQL %i become larger', async (major) => {
  await using observed = await startObserved({ major, settings: { ...ample, wal_buffers: '64kB' } })
  await observed.server.query('create table t (n int, hash text)')
  const fill = 'insert into t select i, md5(i::text) from generate_series(1, 30000) as i'
  const evidence = await watchUntil(
    observed,
    async (server) => {
      await many(3, fill)(server)
      await server.query('analyze t')
    },
    grew('wal.buffers_full', 100),
  )
  expect(await saidTo(observed, evidence)).toEqual({ W4: ['wal_buffers = -1'] })
})

test('much WAL of whole pages is compressed', async () => {
  await using observed = await startObserved({
    settings: { ...ample, shared_buffers: '256MB', autovacuum: 'off' },
  })
  await observed.server.query(`
    create table t (id int, n int, filler text) with (fillfactor = 90);
    insert into t select i, 0, repeat('x', 60) from generate_series(1, 400000) as i`)
  const touch = many(
    2,
    'checkpoint',
    'update t set n = n + 1 where id % 80 = 0',
    'analyze t',
    'select pg_sleep(1)',
  )
  const evidence = await watchUntil(observed, touch, grew('wal.fpi', 5_000))
  const idle: Evidence = {
    ...evidence,
    usualMax: (gauge) => (gauge === 'host.cpu_busy' ? 0.3 : evidence.usualMax(gauge)),
  }
  const onSlowDisk = await observed.situation({ machine: { ...quietMachine, diskClass: 'hdd' } })
  expect(await saidTo(observed, idle, { situation: onSlowDisk })).toEqual({ W7: ['wal_compression = pglz'] })
})
