import type { View } from '../view.ts'

/**
 * Sessions of pgherd itself take places of max_connections, and no part in the rest. Names of wait events changed their case in 17. The
 * function is what pg_stat_activity reads, which looks up the names of databases and roles beside it. A role that may not see what others
 * do gets no row.
 */
const sessions = `
select count(*) as client_backends,
       count(*)::float8 / nullif(current_setting('max_connections')::int
                                 - current_setting('superuser_reserved_connections')::int
                                 - coalesce(current_setting('reserved_connections', true)::int, 0), 0) as connection_share,
       count(*) filter (where other and state = 'active') as active,
       count(*) filter (where other and state = 'idle') as idle,
       count(*) filter (where other and state like 'idle in transaction%') as idle_in_transaction,
       count(*) filter (where other and backend_xid is not null) as writing,
       coalesce(max(extract(epoch from clock_timestamp() - xact_start)) filter (where other), 0)
         as oldest_transaction_seconds,
       coalesce(max(extract(epoch from clock_timestamp() - state_change))
                filter (where other and state like 'idle in transaction%'), 0) as oldest_idle_transaction_seconds,
       count(*) filter (where other and state = 'active' and event in ('walsync', 'walwrite')) as wal_waits,
       count(*) filter (where other and state = 'active' and event = 'syncrep') as wait_sync_rep,
       count(*) filter (where other and state = 'active' and event in ('procarray', 'procarraygroupupdate'))
         as wait_proc_array,
       count(*) filter (where other and state = 'active' and event = 'xidgen') as wait_xid_gen,
       count(*) filter (where other and state = 'active' and event = 'walinsert') as wait_wal_insert,
       count(*) filter (where other and state = 'active' and event = 'buffermapping') as wait_buffer_mapping,
       count(*) filter (where other and state = 'active' and event = 'lockmanager') as wait_lock_manager,
       count(*) filter (where other and state = 'active' and event like '%slru') as wait_slru,
       count(*) filter (where other and state = 'active' and event = 'datafileread') as wait_data_file_read,
       count(*) filter (where other and state = 'active' and wait_event_type = 'Lock') as wait_lock
  from (select *, lower(wait_event) as event, application_name not like 'pgherd%' as other
          from pg_stat_get_activity(null)
         where backend_type = 'client backend') as now
having pg_has_role('pg_read_all_stats', 'usage')`

/** What clients' sessions are at, and what those that run a statement wait for. */
export const activity: View = {
  name: 'activity',
  pace: 'sample',
  counters: [],
  gauges: [
    'client_backends',
    'connection_share',
    'active',
    'idle',
    'idle_in_transaction',
    'writing',
    'oldest_transaction_seconds',
    'oldest_idle_transaction_seconds',
    'wal_waits',
    'wait_sync_rep',
    'wait_proc_array',
    'wait_xid_gen',
    'wait_wal_insert',
    'wait_buffer_mapping',
    'wait_lock_manager',
    'wait_slru',
    'wait_data_file_read',
    'wait_lock',
  ],
  statement: () => sessions,
}
