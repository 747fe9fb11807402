import type { View } from '../view.ts'

/** Since 9.6 or before. */
const always = [
  'xact_commit',
  'xact_rollback',
  'blks_read',
  'blks_hit',
  'tup_returned',
  'tup_fetched',
  'tup_inserted',
  'tup_updated',
  'tup_deleted',
  'conflicts',
  'temp_files',
  'temp_bytes',
  'deadlocks',
]
/** Milliseconds; 0 where nobody measures them. */
const ioTimes = ['blk_read_time', 'blk_write_time']
const since12 = ['checksum_failures']
/** The times are milliseconds. */
const since14 = ['sessions', 'sessions_abandoned', 'session_time', 'active_time', 'idle_in_transaction_time']
const since18 = ['parallel_workers_to_launch', 'parallel_workers_launched']

/** pg_stat_database of all databases together, by its names. */
export const database: View = {
  name: 'database',
  pace: 'bucket',
  counters: [...always, ...ioTimes, ...since12, ...since14, ...since18],
  gauges: [],
  statement({ versionNumber }) {
    const columns = [
      ...always,
      ...(versionNumber >= 120_000 ? since12 : []),
      ...(versionNumber >= 140_000 ? since14 : []),
      ...(versionNumber >= 180_000 ? since18 : []),
    ]
    const sums = [
      ...columns.map((name) => `sum(${name}) as ${name}`),
      ...ioTimes.map(
        (name) => `case when current_setting('track_io_timing')::bool then sum(${name}) end as ${name}`,
      ),
    ]
    return `select ${sums.join(', ')} from pg_stat_database`
  },
}
