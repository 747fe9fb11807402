import type { View } from '../view.ts'

/** Until 17 nobody counts workers that were asked for and not there. */
const atWork = `
select count(*) as workers, count(distinct leader_pid) as leaders,
       avg(extract(epoch from clock_timestamp() - backend_start)) * 1000 as age_ms,
       (count(*) > 0 and count(*) >= current_setting('max_parallel_workers')::int)::int as saturated
  from pg_stat_activity
 where backend_type = 'parallel worker'`

/** Processes that help others with their queries. */
export const parallel: View = {
  name: 'parallel',
  pace: 'sample',
  counters: [],
  gauges: ['workers', 'leaders', 'age_ms', 'saturated'],
  statement: ({ versionNumber }) => (versionNumber < 130_000 ? undefined : atWork),
}
