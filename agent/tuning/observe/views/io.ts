import type { View } from '../view.ts'

/**
 * `reads` and `read_ms` are of clients' own pages, which a scan of a large table does not mix with reads that the kernel has read
 * ahead. Temporary tables are left out. Times are only known with track_io_timing.
 */
const byContext = (bytesOfAll: string): string => `
select sum(reads) filter (where client and context = 'normal') as reads,
       sum(read_time) filter (where client and context = 'normal' and timed) as read_ms,
       sum(reads) filter (where client and context = 'bulkread') as bulk_reads,
       sum(read_time) filter (where client and context = 'bulkread' and timed) as bulk_read_ms,
       sum(reads) filter (where context = 'vacuum') as vacuum_reads,
       sum(read_time) filter (where context = 'vacuum' and timed) as vacuum_read_ms,
       sum(bytes) filter (where backend_type = 'autovacuum worker') as autovacuum_bytes,
       sum(bytes) as all_bytes
  from (select *, ${bytesOfAll} as bytes,
               backend_type in ('client backend', 'background worker') as client,
               current_setting('track_io_timing')::bool as timed
          from pg_stat_io
         where object = 'relation') as done`

const before18 = byContext('(coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0)) * op_bytes')
const since18 = byContext('coalesce(read_bytes, 0) + coalesce(write_bytes, 0) + coalesce(extend_bytes, 0)')

/** Reads and writes of tables and indexes, by what they were for. */
export const io: View = {
  name: 'io',
  pace: 'bucket',
  counters: [
    'reads',
    'read_ms',
    'bulk_reads',
    'bulk_read_ms',
    'vacuum_reads',
    'vacuum_read_ms',
    'autovacuum_bytes',
    'all_bytes',
  ],
  gauges: [],
  statement: ({ versionNumber }) =>
    versionNumber < 160_000 ? undefined : versionNumber < 180_000 ? before18 : since18,
}
