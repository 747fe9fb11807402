import type { View } from '../view.ts'

/**
 * How full the table of locks is, which holds what a session's own slots (the fast path) do not, and how many relations a session locks.
 * `objects`: what is locked, of which the table has a place for each; `held`: who locks what, for which it has twice as many;
 * `relations_per_session`: the 95th percentile over the sessions that lock any.
 */
export const locks: View = {
  name: 'locks',
  pace: 'sample',
  counters: [],
  gauges: ['objects', 'held', 'relations_per_session'],
  statement: ({ versionNumber }) => `
    with held as ${versionNumber < 120_000 ? '' : 'materialized'} (
      select pid, virtualtransaction, fastpath, locktype, database, relation, page, tuple, virtualxid, transactionid,
             classid, objid, objsubid
        from pg_locks
       where mode <> 'SIReadLock' and pid is distinct from pg_backend_pid()
    ),
    holders as (
      select count(*) as holders
        from (select distinct pid, virtualtransaction, locktype, database, relation, page, tuple, virtualxid,
                     transactionid, classid, objid, objsubid
                from held where not fastpath) as each
       group by locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid, objsubid
    )
    select (select count(*) from holders) as objects,
           (select coalesce(sum(holders), 0) from holders) as held,
           (select percentile_disc(0.95) within group (order by relations)
              from (select count(distinct relation) as relations
                      from held where locktype = 'relation' and pid is not null group by pid) as sessions)
             as relations_per_session`,
}
