import type { View } from '../view.ts'
import { walPosition } from './wal-position.ts'

const kept = `
select count(*) as used,
       count(*) filter (where slot_type = 'logical') as logical,
       coalesce(max(here.lsn - restart_lsn) filter (where active), 0) as active_bytes,
       coalesce(max(here.lsn - restart_lsn) filter (where not active), 0) as inactive_bytes
  from pg_replication_slots
 cross join (select ${walPosition} as lsn) as here`

/** How much WAL is kept for those who read it by a slot, of the one that is furthest behind. */
export const slots: View = {
  name: 'slots',
  pace: 'sample',
  counters: [],
  gauges: ['used', 'logical', 'active_bytes', 'inactive_bytes'],
  statement: () => kept,
}
