import type { View } from '../view.ts'

const cancelled = `
select sum(confl_snapshot) as snapshot, sum(confl_bufferpin) as bufferpin, sum(confl_lock) as lock
  from pg_stat_database_conflicts`

/** Queries of this standby that its replay has cancelled. */
export const conflicts: View = {
  name: 'conflicts',
  pace: 'bucket',
  counters: ['snapshot', 'bufferpin', 'lock'],
  gauges: [],
  statement: ({ inRecovery }) => (inRecovery ? cancelled : undefined),
}
