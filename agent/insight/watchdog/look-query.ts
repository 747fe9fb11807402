import type { Statement } from '../../postgres/result-table.ts'

const ms = (column: string): string =>
  `greatest(0, floor(1000 * extract(epoch from clock_timestamp() - ${column})))::text`

/** Of a role `r`: pg_stat_activity goes on to name who has logged in after a SET ROLE to a superuser. */
export const isOrMayBecomeSuperuser = `(r.rolsuper or exists (
         select from pg_roles s where s.rolsuper and pg_has_role(r.oid, s.oid, 'MEMBER')))`

/**
 * Sessions that may be stuck, in one cheap statement: those that are not idle and have been as they are (or in their transaction) for some
 * time, those that wait for a lock, and those they wait for. Who blocks is asked only of waiters, because it stops the lock manager for a moment.
 * @param versionNumber as server_version_num
 * The first row is the one that asks, with the server's clock.
 * @param leastMs what a session has been for less is left out
 */
export function lookStatement(versionNumber: number, leastMs: number): Statement {
  const leader = versionNumber >= 130_000 ? 'a.leader_pid::text' : 'null'
  const hasCopies = versionNumber >= 140_000
  return {
    name: 'pgherd_watchdog_look',
    text: `
with waiter as (
  select pid, pg_blocking_pids(pid) as blockers
    from pg_stat_activity
   where wait_event_type = 'Lock'
), blocker as (
  select distinct unnest(blockers) as pid from waiter
)
select a.pid::text, a.backend_start::text,
       coalesce(a.datname, ''), coalesce(a.usename, ''), coalesce(a.application_name, ''),
       coalesce(host(a.client_addr), 'socket'), coalesce(a.backend_type, ''), coalesce(a.state, ''),
       coalesce(a.wait_event_type || ':' || a.wait_event, ''),
       coalesce(${isOrMayBecomeSuperuser}, true)::text, coalesce(r.rolreplication, true)::text,
       a.xact_start::text, a.query_start::text, a.state_change::text,
       ${ms('a.state_change')}, ${ms('a.xact_start')}, ${ms('a.query_start')},
       greatest(age(a.backend_xmin), age(a.backend_xid))::text,
       ${leader}, array_to_string(w.blockers, ' '),
       ${hasCopies ? 'c.bytes_processed::text' : 'null'},
       (${hasCopies ? 'c.pid is not null or ' : ''}a.query ~* '^\\s*copy\\M')::text,
       case when a.pid = pg_backend_pid() then floor(1000 * extract(epoch from clock_timestamp()))::text end
  from pg_stat_activity a
  left join waiter w on w.pid = a.pid
  left join pg_roles r on r.oid = a.usesysid
  ${hasCopies ? 'left join pg_stat_progress_copy c on c.pid = a.pid' : ''}
 where a.backend_start is not null
   and (a.pid = pg_backend_pid()
        or w.pid is not null
        or a.pid in (select pid from blocker)
        or (a.backend_type = 'client backend' and a.state <> 'idle'
            and least(a.state_change, a.xact_start, a.query_start)
                <= clock_timestamp() - $1::bigint * interval '1 ms'))
 order by a.pid <> pg_backend_pid(), w.pid is null, least(a.xact_start, a.state_change)
 limit 2000`,
    values: [String(leastMs)],
  }
}

/** Those of some process ids that hold an ACCESS EXCLUSIVE lock on a relation. */
export function exclusiveStatement(pids: readonly number[]): Statement {
  return {
    text: `
select distinct pid::text
  from pg_locks
 where granted and locktype = 'relation' and mode = 'AccessExclusiveLock'
   and pid = any ($1::int[])`,
    values: [pids.map(String)],
  }
}

/** Prepared transactions, and slots that nobody uses: name, case, database, role, milliseconds, and what is known as JSON. */
export function leftoversStatement(versionNumber: number): Statement {
  const since = versionNumber >= 170_000 ? ms('inactive_since') : 'null'
  const state = versionNumber >= 130_000 ? `'wal_status', wal_status, 'safe_wal_size', safe_wal_size,` : ''
  return {
    text: `
select gid, 'prepared-transaction', database::text, owner::text,
       ${ms('prepared')},
       json_build_object('prepared', prepared, 'transactions_since', age(transaction),
         -- It has no process; its locks go by the virtual transaction of the session that has prepared it.
         'locks', (select count(*) from pg_locks l
                     join pg_locks own on own.pid is null and own.virtualtransaction = l.virtualtransaction
                    where own.locktype = 'transactionid' and own.transactionid = p.transaction
                      and l.pid is null and l.locktype = 'relation'))::text
  from pg_prepared_xacts p
union all
select slot_name::text, 'inactive-slot', coalesce(database::text, ''), '',
       ${since},
       json_build_object('type', slot_type, 'plugin', plugin, ${state}
         'behind_bytes', pg_wal_lsn_diff(
           case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn),
         'xmin_age', age(xmin), 'catalog_xmin_age', age(catalog_xmin))::text
  from pg_replication_slots
 where not active and not temporary
 order by 1
 limit 200`,
  }
}
