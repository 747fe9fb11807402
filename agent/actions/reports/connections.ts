import { readTable, reportTimeoutMs } from './report.ts'
import type { Report } from './report.ts'

const groups = `
select usename as "user",
       datname as database,
       coalesce(state, 'hidden') as state,
       count(*) as sessions,
       date_trunc('seconds', max(clock_timestamp() - state_change)) as longest_in_state,
       date_trunc('seconds', max(clock_timestamp() - xact_start)) as oldest_transaction
  from pg_stat_activity
 where backend_type = 'client backend' and pid <> pg_backend_pid()
 group by 1, 2, 3
 order by sessions desc, 1, 2, 3
 limit $1::bigint`

/** reserved_connections came with 16. */
const limits = `
select (select count(*) from pg_stat_activity where backend_type = 'client backend'),
       current_setting('max_connections')::int,
       current_setting('superuser_reserved_connections')::int,
       coalesce(current_setting('reserved_connections', true)::int, 0)`

export const connections: Report = {
  name: 'connections',
  what: 'sessions by user, database and state, against max_connections',
  async read(context) {
    const { rows } = await context.session.read({ text: limits }, reportTimeoutMs)
    const [used = 0, most = 0, superuser = 0, reserved = 0] = (rows[0] ?? []).map(Number)
    const free = most - superuser - reserved - used
    return [
      {
        type: 'facts',
        title: 'Connections',
        facts: {
          max_connections: most,
          used,
          free_for_everybody: Math.max(0, free),
          reserved: superuser + reserved,
        },
      },
      await readTable(context, { title: 'By user, database and state', text: groups }),
    ]
  },
}
