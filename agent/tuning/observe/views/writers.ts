import type { View } from '../view.ts'

/** Before 16 nobody tells writes of rings (VACUUM, COPY) and extensions of files from those of sessions that need a buffer. */
const before16 = `
select maxwritten_clean, buffers_backend as client_writes,
       buffers_checkpoint + buffers_clean + buffers_backend as all_writes,
       buffers_backend_fsync as client_syncs
  from pg_stat_bgwriter`

const since16 = `
select maxwritten_clean, client_writes, all_writes, client_syncs
  from pg_stat_bgwriter
 cross join (
       select sum(writes) filter (where backend_type = 'client backend' and context = 'normal') as client_writes,
              sum(writes) filter (where context = 'normal') as all_writes,
              sum(fsyncs) filter (where backend_type = 'client backend') as client_syncs
         from pg_stat_io
        where object = 'relation') as written`

/** Who writes pages of tables and indexes: the checkpointer, the background writer, or sessions that should not have to. */
export const writers: View = {
  name: 'writers',
  pace: 'bucket',
  counters: ['maxwritten_clean', 'client_writes', 'all_writes', 'client_syncs'],
  gauges: [],
  statement: ({ versionNumber }) => (versionNumber < 160_000 ? before16 : since16),
}
