import type { View } from '../view.ts'

/** Processes of autovacuum only: what somebody vacuums by hand has other limits. */
const atWork = `
select count(*) as workers,
       (count(*) >= current_setting('autovacuum_max_workers')::int)::int as saturated,
       count(*) filter (where wait_event = 'VacuumDelay') as throttled,
       count(*) filter (where query like '%(to prevent wraparound)') as wraparound_workers,
       count(*) filter (where progress.index_vacuum_count > 1) as several_passes,
       max(progress.relid::bigint) filter (where progress.index_vacuum_count > 1) as several_passes_relid,`

/** It goes on between two looks, so that it is a share of the time since the run began. */
const delays = `
       case when current_setting('track_cost_delay_timing')::bool
            then sum(progress.delay_time)
                 / nullif(sum(extract(epoch from clock_timestamp() - xact_start)::float8 * 1000)
                          filter (where progress.pid is not null), 0)
       end as delay_share`

/** What the processes of autovacuum are busy with. */
export const vacuum: View = {
  name: 'vacuum',
  pace: 'sample',
  counters: [],
  gauges: [
    'workers',
    'saturated',
    'throttled',
    'wraparound_workers',
    'several_passes',
    'several_passes_relid',
    'delay_share',
  ],
  statement: ({ versionNumber, inRecovery }) =>
    inRecovery
      ? undefined
      : `${atWork}${versionNumber < 180_000 ? ' null as delay_share' : delays}
  from pg_stat_activity as worker
  left join pg_stat_progress_vacuum as progress using (pid)
 where backend_type = 'autovacuum worker'`,
}
