import type { View } from '../view.ts'

const ages = `
select max(age(datfrozenxid)) as xid_age, max(mxid_age(datminmxid)) as multixact_age,
       count(*) filter (where datallowconn) as databases,
       max(txid_snapshot_xmax(txid_current_snapshot())) as xids,
       max(control.next_multixact_id::text::bigint) as multixacts,
       max(control.next_multi_offset::text::bigint) as multixact_members
  from pg_database
 cross join pg_control_checkpoint() as control`

/** How old the oldest rows are that nobody has frozen, and how quickly transactions come. Members of multixacts are as of the last checkpoint. */
export const wraparound: View = {
  name: 'wraparound',
  pace: 'bucket',
  counters: ['xids', 'multixacts', 'multixact_members'],
  gauges: ['xid_age', 'multixact_age', 'databases'],
  statement: ({ inRecovery }) => (inRecovery ? undefined : ages),
}
