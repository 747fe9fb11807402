import type { ActionOutput } from '../../../common/command/result.ts'
import { readTable } from './report.ts'
import type { Report } from './report.ts'

const text = `
select pid,
       datname as database,
       usename as "user",
       application_name as application,
       coalesce(host(client_addr), case when client_port = -1 then 'socket' end) as client,
       case when backend_type = 'client backend' then state else backend_type end as state,
       date_trunc('milliseconds', clock_timestamp() - xact_start) as in_transaction,
       date_trunc('milliseconds', clock_timestamp() - query_start) as since_query,
       wait_event_type || ':' || wait_event as wait,
       -- Asked only of those that wait for a lock, because it stops the lock manager for a moment.
       case when wait_event_type = 'Lock' then array_to_string(pg_blocking_pids(pid), ' ') end as blocked_by,
       -- These two and the pid name a session to cancel-session and terminate-session.
       backend_start,
       xact_start,
       left(query, 1000) as query
  from pg_stat_activity
 where pid <> pg_backend_pid()
   and (backend_type in ('client backend', 'walsender') or datid is not null)
 order by xact_start nulls last, state = 'active' desc nulls last, query_start
 limit $1::bigint`

export const activity: Report = {
  name: 'activity',
  what: 'sessions, those in the oldest transactions first, with what they wait for',
  async read(context) {
    const table = await readTable(context, { title: 'Sessions', text })
    const hidden = table.rows.some((row) => row.at(-1) === '<insufficient privilege>')
    const out: ActionOutput[] = [table]
    if (hidden) {
      const lines = ["What other roles' sessions do is hidden from this role; GRANT pg_monitor shows it."]
      out.push({ type: 'text', title: 'Hidden', lines })
    }
    return out
  },
}
