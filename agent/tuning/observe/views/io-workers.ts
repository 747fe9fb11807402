import type { View } from '../view.ts'

/** A worker that has nothing to do waits in IoWorkerMain. */
const atWork = `
select workers, busy, (workers > 0 and busy = workers)::int as saturated, waiting
  from (select count(*) filter (where backend_type = 'io worker') as workers,
               count(*) filter (where backend_type = 'io worker' and wait_event is distinct from 'IoWorkerMain') as busy,
               count(*) filter (where wait_event in ('AioWorkerSubmissionQueue', 'AioIoCompletion')) as waiting
          from pg_stat_activity) as now
 where current_setting('io_method') = 'worker'`

/** Processes that read ahead for others, and who waits for them. */
export const ioWorkers: View = {
  name: 'io_workers',
  pace: 'sample',
  counters: [],
  gauges: ['workers', 'busy', 'saturated', 'waiting'],
  statement: ({ versionNumber }) => (versionNumber < 180_000 ? undefined : atWork),
}
