import type { View } from '../view.ts'
import { walPosition } from './wal-position.ts'

/** Since 18 pg_stat_io has what pg_stat_wal had of writes; `init` there is the making of new segments. */
const flushes = {
  before18: `wal_sync as syncs, case when current_setting('track_wal_io_timing')::bool then wal_sync_time end as sync_ms
      from pg_stat_wal`,
  since18: `syncs, sync_ms
      from pg_stat_wal
     cross join (select sum(fsyncs) as syncs,
                        case when current_setting('track_wal_io_timing')::bool then sum(fsync_time) end as sync_ms
                   from pg_stat_io
                  where object = 'wal' and context = 'normal') as flushed`,
}

/** How much WAL there is, and what it takes to write it. */
export const wal: View = {
  name: 'wal',
  pace: 'bucket',
  counters: ['position', 'records', 'fpi', 'bytes', 'buffers_full', 'syncs', 'sync_ms'],
  gauges: [],
  statement: ({ versionNumber }) =>
    versionNumber < 140_000
      ? undefined
      : `select ${walPosition} - '0/0' as position,
           wal_records as records, wal_fpi as fpi, wal_bytes as bytes, wal_buffers_full as buffers_full,
           ${versionNumber < 180_000 ? flushes.before18 : flushes.since18}`,
}
