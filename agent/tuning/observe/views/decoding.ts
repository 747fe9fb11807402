import type { View } from '../view.ts'

/** What logical decoding wrote to disk because it did not fit into logical_decoding_work_mem, of all slots. */
export const decoding: View = {
  name: 'decoding',
  pace: 'bucket',
  counters: ['spill_txns', 'spill_bytes'],
  gauges: ['active'],
  statement: ({ versionNumber }) =>
    versionNumber < 140_000
      ? undefined
      : `select coalesce(sum(spill_txns), 0) as spill_txns,
                coalesce(sum(spill_bytes), 0) as spill_bytes,
                (select count(*) from pg_replication_slots where slot_type = 'logical' and active) as active
           from pg_stat_replication_slots`,
}
