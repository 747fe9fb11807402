import { sharedMemoryBytes } from '../recommend/shared-memory.ts'

/** What before PostgreSQL 15 is asked for one by one, because `-C` ends there before settings are held against each other. */
export const crossChecked = [
  'max_connections',
  'superuser_reserved_connections',
  'max_wal_senders',
  'wal_level',
  'archive_mode',
  'min_wal_size',
  'max_wal_size',
  'shared_buffers',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'wal_buffers',
] as const

/**
 * What a server before 15 would end with at its start.
 * @param values - effective ones, in pg_settings' unit. Source: PostmasterMain in postmaster.c and ReadControlFile in xlog.c
 * @returns what the server would say, and about which setting
 */
export function crossCheck(
  values: ReadonlyMap<string, string>,
  { versionNumber, segmentBytes }: { readonly versionNumber: number; readonly segmentBytes: number },
): { readonly words: string; readonly parameter: string } | undefined {
  const number = (name: string): number => Number(values.get(name))
  const connections = number('max_connections')
  const reserved = number('superuser_reserved_connections')
  const senders = number('max_wal_senders')
  const refuse = (parameter: string, words: string) => ({ parameter, words })
  if (reserved >= connections) {
    return refuse(
      'superuser_reserved_connections',
      `superuser_reserved_connections (${reserved}) must be less than max_connections (${connections})`,
    )
  }
  // They took places of max_connections until PostgreSQL 12.
  if (versionNumber < 120_000 && senders >= connections) {
    return refuse(
      'max_wal_senders',
      `max_wal_senders (${senders}) must be less than max_connections (${connections})`,
    )
  }
  if (values.get('wal_level') === 'minimal') {
    if (values.get('archive_mode') !== 'off') {
      return refuse('wal_level', 'WAL archival cannot be enabled when wal_level is "minimal"')
    }
    if (senders > 0) {
      return refuse(
        'wal_level',
        'WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"',
      )
    }
  }
  for (const name of ['min_wal_size', 'max_wal_size']) {
    if (number(name) * 1024 ** 2 < 2 * segmentBytes) {
      return refuse(name, `"${name}" must be at least twice "wal_segment_size"`)
    }
  }
  return undefined
}

const block = 8192

/** The shared memory of a server that does not tell, in bytes, by the values of pg_settings. */
export function estimateSharedMemory(values: ReadonlyMap<string, string>): number {
  const number = (name: string): number => Number(values.get(name))
  return sharedMemoryBytes(
    {
      connections: number('max_connections'),
      locksPerTransaction: number('max_locks_per_transaction'),
      preparedTransactions: number('max_prepared_transactions'),
      walBufferBytes: number('wal_buffers') * block,
    },
    number('shared_buffers') * block,
  )
}
