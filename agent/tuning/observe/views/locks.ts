import type { View } from '../view.ts'

/**
 * How full the table of locks is, which holds what a session's own slots (the fast path) do not, and how many relations a session locks.
 * `objects`: what is locked, of which the table has a place for each; while the table has room for more than four times what is held, that
 * is counted in its place, which costs less. `held`: who locks what, by mode; the table has twice as many places for it.
 * `relations_per_session`: the 95th percentile over the sessions that lock any.
 */
export const locks: View = {
  name: 'locks',
  pace: 'sample',
  counters: [],
  gauges: ['objects', 'held', 'relations_per_session'],
  statement: ({ versionNumber }) =>
    versionNumber < 140_000
      ? undefined
      : `
    with sessions as (
      select count(*) filter (where not fastpath) as held,
             count(distinct relation) filter (where locktype = 'relation' and pid is not null) as relations
        from pg_locks
       where mode <> 'SIReadLock' and pid is distinct from pg_backend_pid()
       group by pid
    ),
    totals as (
      select coalesce(sum(held), 0) as held,
             percentile_disc(0.95) within group (order by relations) filter (where relations > 0) as relations
        from sessions
    )
    select held,
           relations as relations_per_session,
           case when held <= current_setting('max_locks_per_transaction')::int8
                             * current_setting('max_connections')::int8 / 4 then held
                else (select count(distinct hash_record(row(locktype, database, relation, page, tuple, virtualxid,
                                                            transactionid, classid, objid, objsubid)))
                        from pg_locks
                       where mode <> 'SIReadLock' and not fastpath and pid is distinct from pg_backend_pid())
           end as objects
      from totals`,
}
