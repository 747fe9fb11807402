import { expect, test } from 'vitest'
import { startObserved } from '../observed-server.ts'

test.each([14, 16, 17, 18] as const)(
  'PostgreSQL %i tells how it writes WAL and pages, and who reads WAL',
  async (major) => {
    await using observed = await startObserved({
      major,
      settings: { track_wal_io_timing: 'on', fsync: 'on' },
    })
    const evidence = await observed.watch(async () => {
      await observed.server.query('create table t as select generate_series(1, 1000) as x')
      await observed.server.query('checkpoint')
    })
    for (const name of ['position', 'records', 'fpi', 'bytes', 'buffers_full', 'syncs', 'sync_ms']) {
      expect.soft(evidence.increase(`wal.${name}`), name).toBeDefined()
    }
    for (const name of ['timed', 'requested', 'write_ms', 'sync_ms']) {
      expect.soft(evidence.increase(`checkpoints.${name}`), name).toBeDefined()
    }
    for (const name of ['maxwritten_clean', 'client_writes', 'all_writes', 'client_syncs']) {
      expect.soft(evidence.increase(`writers.${name}`), name).toBeDefined()
    }
    expect.soft(evidence.increase('archiver.failed')).toBe(0)
    expect.soft(evidence.last('archive_status.ready')).toBe(0)
    expect.soft(evidence.last('replication.senders')).toBe(0)
    expect.soft(evidence.last('slots.used')).toBe(0)
    expect.soft(evidence.last('subscriptions.without_worker')).toBe(0)
    expect.soft(evidence.increase('wal.position')).toBeGreaterThan(10_000)
  },
)
