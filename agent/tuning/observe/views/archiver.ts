import type { View } from '../view.ts'

const archiving = `
select archived_count as archived, failed_count as failed,
       case when current_setting('archive_mode') = 'off' then null
            else (coalesce(last_failed_time > last_archived_time, last_failed_time is not null))::int
       end as is_failing
  from pg_stat_archiver`

/** Whether WAL gets into the archive. */
export const archiver: View = {
  name: 'archiver',
  pace: 'bucket',
  counters: ['archived', 'failed'],
  gauges: ['is_failing'],
  statement: () => archiving,
}
