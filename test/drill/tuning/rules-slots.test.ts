/**
 * Rules of slots, WAL senders and subscriptions on real servers; all rules look, and only what is meant may speak. Made up are the hour since the start,
 * the size of the disk where the test says it, and the 30 days of R8, which nobody can wait for here.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { detectServer } from '../../../agent/tuning/detect/detect-server.ts'
import { systemClock } from '../../../common/clock.ts'
import { mountLoopDisk } from '../../../testbed/loop-disk.ts'
import { startStandby } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { quietHost, quietMachine, startObserved } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'
import { ample, many, reached, writeWal } from './wal-bed.ts'

const GB = 1024 ** 3
const makeSlot = `select pg_create_physical_replication_slot('standby_1', true)`

describe('a slot that nobody uses', () => {
  test.each([15, 18] as const)('and that may keep all WAL gets a limit in PostgreSQL %i', async (major) => {
    await using bed = await startObserved({ major, settings: { ...ample, max_slot_wal_keep_size: '-1' } })
    await bed.server.query(`create table t (n text); ${makeSlot}`)
    const evidence = await bed.watch(() => many(2, writeWal)(bed.server), {
      until: reached('slots.inactive_bytes', 10_000_000),
    })
    // Half of the 800GB that are free, without the 10GB of max_wal_size.
    expect(await saidTo(bed, evidence)).toEqual({ R1: ['max_slot_wal_keep_size = 390GB'] })
  })

  test.skipIf(process.getuid?.() !== 0)(
    'and keeps a tenth of its disk is told with how to drop it',
    async () => {
      await using disk = await mountLoopDisk(GB / 2, unprivilegedOwner())
      await using bed = await startObserved({
        directory: join(disk.path, 'server'),
        settings: { ...ample, max_slot_wal_keep_size: '100GB' },
      })
      await bed.server.query(`create table t (n text); ${makeSlot}`)
      const evidence = await bed.watch(() => many(8, writeWal)(bed.server), {
        until: reached('slots.inactive_bytes', 60_000_000),
      })
      const found = await detectServer(bed.session, {
        ...{ clock: systemClock, signal: new AbortController().signal, withoutInventory: true },
      })
      // As it is, with what its file system takes for itself.
      const { dataDiskBytes = 0, walDiskBytes = 0 } = found.machine ?? {}
      expect(dataDiskBytes).toBeGreaterThan(0.8 * (GB / 2))
      const machine = { ...quietMachine, dataDiskBytes, walDiskBytes }
      expect(await saidTo(bed, evidence, { situation: await bed.situation({ machine }) })).toEqual({
        R2: [
          expect.stringMatching(
            /^nobody has used the physical slot standby_1 for 0 minutes, and it keeps [67]\d.*MB of WAL, 1\d % of a disk of 4\d\d.*MB/,
          ),
        ],
      })
    },
  )

  test('and keeps more than the limit that would be right is decided about first', async () => {
    await using bed = await startObserved({
      settings: { ...ample, max_slot_wal_keep_size: '-1', max_wal_size: '64MB', min_wal_size: '32MB' },
    })
    await bed.server.query(`create table t (n text); ${makeSlot}`)
    const evidence = await bed.watch(() => many(4, writeWal)(bed.server), {
      until: reached('slots.inactive_bytes', 30_000_000),
    })
    const host = { ...quietHost, freeWalDiskBytes: 160 * 1024 ** 2 }
    expect(await saidTo(bed, evidence, { host })).toEqual({
      R1: [expect.stringContaining('decide about that slot first (standby_1)')],
    })
  })
})

test('WAL senders that are nearly used up become more', async () => {
  await using bed = await startObserved({ settings: { ...ample, max_wal_senders: '2' } })
  await using standbys = new AsyncDisposableStack()
  const evidence = await bed.watch(
    async () => {
      for (const name of ['one', 'two']) standbys.use(await startStandby(bed.server, { name }))
    },
    { until: reached('replication.senders', 2) },
  )
  expect(await saidTo(bed, evidence)).toEqual({ R7: ['max_wal_senders = 7'] })
})

test('wal_level logical that nobody has decoded in 30 days is told', async () => {
  await using bed = await startObserved({ settings: { ...ample, wal_level: 'logical' } })
  const evidence = await bed.watch(() => Promise.resolve(), { asHours: 30 * 24 + 1, hoursSinceStart: 800 })
  expect(await saidTo(bed, evidence)).toEqual({ R8: [expect.stringContaining('there was no logical slot')] })

  await bed.server.query(`select pg_create_logical_replication_slot('consumer', 'pgoutput')`)
  const used = await bed.watch(() => Promise.resolve(), { asHours: 30 * 24 + 1, hoursSinceStart: 800 })
  expect(await saidTo(bed, used)).toEqual({})
})

test('subscriptions that nobody applies get more workers', async () => {
  await using bed = await startObserved({
    settings: { ...ample, wal_level: 'logical', max_logical_replication_workers: '1' },
  })
  const { server } = bed
  const names = ['one', 'two']
  for (const name of names) {
    await server.query(`create publication ${name}`)
    await server.query(`select pg_create_logical_replication_slot('${name}', 'pgoutput')`)
    await server.query(
      `create subscription ${name} connection 'host=127.0.0.1 port=${server.port} user=postgres dbname=postgres'
       publication ${name} with (create_slot = false, slot_name = '${name}')`,
    )
  }
  await waitFor('a subscription to be applied', async () => {
    const rows = await server.query('select from pg_stat_subscription where pid is not null')
    return rows.length > 0
  })
  const evidence = await bed.watch(() => sleep(500))
  expect(await saidTo(bed, evidence)).toEqual({
    R6: ['max_logical_replication_workers = 5', 'max_worker_processes = 12'],
  })
})
