import { readTable } from './report.ts'
import type { Report } from './report.ts'

const text = `
select d.datname as database,
       r.rolname as owner,
       pg_encoding_to_char(d.encoding) as encoding,
       d.datcollate as collation,
       d.datallowconn as connectable,
       nullif(d.datconnlimit, -1) as connection_limit,
       s.numbackends as sessions,
       s.xact_commit as commits,
       s.xact_rollback as rollbacks,
       round(100.0 * s.blks_hit / nullif(s.blks_hit + s.blks_read, 0), 1) as "hit_%",
       s.deadlocks,
       s.conflicts,
       pg_size_pretty(s.temp_bytes) as temp_written,
       s.checksum_failures,
       age(d.datfrozenxid) as xid_age,
       date_trunc('seconds', s.stats_reset) as counted_since
  from pg_database d
  left join pg_roles r on r.oid = d.datdba
  left join pg_stat_database s on s.datid = d.oid
 order by s.xact_commit desc nulls last
 limit $1::bigint`

export const databases: Report = {
  name: 'databases',
  what: 'databases, their owners and what happened in each since its counters were reset',
  async read(context) {
    return [await readTable(context, { title: 'Databases', text, right: ['temp_written'] })]
  },
}
