import type { View } from '../view.ts'

const before17 = `
select checkpoints_timed as timed, checkpoints_req as requested, checkpoint_write_time as write_ms,
       checkpoint_sync_time as sync_ms
  from pg_stat_bgwriter`

const since17 = `
select num_timed as timed, num_requested as requested, write_time as write_ms, sync_time as sync_ms
  from pg_stat_checkpointer`

/** Why checkpoints begin, and how long they take. */
export const checkpoints: View = {
  name: 'checkpoints',
  pace: 'bucket',
  counters: ['timed', 'requested', 'write_ms', 'sync_ms'],
  gauges: [],
  statement: ({ versionNumber }) => (versionNumber < 170_000 ? before17 : since17),
}
