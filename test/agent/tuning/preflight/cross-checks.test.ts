import { describe, expect, test } from 'vitest'
import { crossCheck, estimateSharedMemory } from '../../../../agent/tuning/preflight/cross-checks.ts'

const usual = {
  max_connections: '100',
  superuser_reserved_connections: '3',
  max_wal_senders: '10',
  wal_level: 'replica',
  archive_mode: 'on',
  min_wal_size: '80',
  max_wal_size: '1024',
}
const checked = (of: Readonly<Record<string, string>>, versionNumber = 140_000, segmentBytes = 16 << 20) =>
  crossCheck(new Map(Object.entries({ ...usual, ...of })), { versionNumber, segmentBytes })

describe('what settings ask of each other, before the server checks it without starting', () => {
  test('is met by the usual ones', () => {
    expect(checked({})).toBeUndefined()
    expect(checked({ wal_level: 'minimal', archive_mode: 'off', max_wal_senders: '0' })).toBeUndefined()
  })

  test('is that superusers leave a connection to others', () => {
    expect(checked({ max_connections: '4' })).toBeUndefined()
    expect(checked({ max_connections: '3' })?.parameter).toBe('superuser_reserved_connections')
  })

  test('was until 12 that senders find a connection', () => {
    expect(checked({ max_wal_senders: '100' })).toBeUndefined()
    expect(checked({ max_wal_senders: '100' }, 110_000)?.parameter).toBe('max_wal_senders')
  })

  test('is a level of WAL for archive and senders', () => {
    expect(checked({ wal_level: 'minimal' })?.words).toMatch(/archival/)
    expect(checked({ wal_level: 'minimal', archive_mode: 'off' })?.words).toMatch(/streaming/)
  })

  test('is room for two segments, however large they are', () => {
    expect(checked({ max_wal_size: '32' })).toBeUndefined()
    expect(checked({ max_wal_size: '31' })?.parameter).toBe('max_wal_size')
    expect(checked({}, 140_000, 64 << 20)?.parameter).toBe('min_wal_size')
  })
})

test('shared memory is estimated within three hundredths of what PostgreSQL 15 reports', () => {
  const blocks = (mebibytes: number): string => String(mebibytes * 128)
  const values = {
    shared_buffers: blocks(128),
    max_connections: '100',
    max_prepared_transactions: '0',
    max_locks_per_transaction: '64',
    wal_buffers: blocks(4),
  }
  // Its default configuration: shared_memory_size is 143MB.
  expect(estimateSharedMemory(new Map(Object.entries(values))) / 1024 ** 2 / 143).toBeGreaterThan(0.97)
  const many = { ...values, max_connections: '1000', max_locks_per_transaction: '1000' }
  const grown =
    estimateSharedMemory(new Map(Object.entries(many))) -
    estimateSharedMemory(new Map(Object.entries(values)))
  // Measured: 0.4 GB for the locks and 41 MB for the connections.
  expect(grown / 1024 ** 2).toBeGreaterThan(350)
  expect(grown / 1024 ** 2).toBeLessThan(450)
})
