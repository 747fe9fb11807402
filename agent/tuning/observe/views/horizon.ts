import type { View } from '../view.ts'

/**
 * Who holds it is asked at the moment of an advice. VACUUM itself holds nobody (PROC_IN_VACUUM in PostgreSQL's proc.h); what a slot
 * keeps of the catalogs alone (catalog_xmin) does not hold rows of tables.
 */
const oldest = `
select greatest(
         (select max(age(backend_xmin))
            from pg_stat_activity
           where pid <> pg_backend_pid() and pid not in (select pid from pg_stat_progress_vacuum)),
         (select max(age(xmin)) from pg_replication_slots),
         (select max(age(transaction)) from pg_prepared_xacts),
         0) as age,
       greatest(
         (select max(extract(epoch from clock_timestamp() - xact_start))
            from pg_stat_activity
           where backend_xmin is not null and backend_type = 'client backend' and pid <> pg_backend_pid()
             and pid not in (select pid from pg_stat_progress_vacuum)),
         (select max(extract(epoch from clock_timestamp() - prepared)) from pg_prepared_xacts),
         0) as seconds`

/** How old the oldest rows are that VACUUM may not remove because somebody could still want to see them: transactions, seconds. */
export const horizon: View = {
  name: 'horizon',
  pace: 'bucket',
  counters: [],
  gauges: ['age', 'seconds'],
  statement: ({ inRecovery }) => (inRecovery ? undefined : oldest),
}
