import type { View } from '../view.ts'

/** Of all databases. Those that copy a table have the OID of that table. */
const applying = `
select (select count(*) from pg_subscription where subenabled) as enabled,
       count(*) filter (where pid is not null) as workers,
       (select count(*) from pg_subscription where subenabled)
       - count(distinct subid) filter (where pid is not null and relid is null) as without_worker
  from pg_stat_subscription`

/** Whether each subscription that is enabled has somebody who applies it. */
export const subscriptions: View = {
  name: 'subscriptions',
  pace: 'sample',
  counters: [],
  gauges: ['enabled', 'workers', 'without_worker'],
  statement: ({ inRecovery }) => (inRecovery ? undefined : applying),
}
