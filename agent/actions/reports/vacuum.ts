import { readTable, unlessEmpty } from './report.ts'
import type { Report } from './report.ts'

const running = `
select p.pid,
       p.datname as database,
       case when p.datname = current_database() then p.relid::regclass::text else p.relid::text end as "table",
       a.backend_type as by,
       p.phase,
       round(100.0 * p.heap_blks_scanned / nullif(p.heap_blks_total, 0), 1) as "scanned_%",
       pg_size_pretty(p.heap_blks_total * current_setting('block_size')::bigint) as size,
       p.index_vacuum_count as index_rounds,
       date_trunc('seconds', clock_timestamp() - a.xact_start) as running
  from pg_stat_progress_vacuum p
  left join pg_stat_activity a using (pid)
 order by a.xact_start
 limit $1::bigint`

const tables = `
select s.schemaname || '.' || s.relname as "table",
       s.n_live_tup as live,
       s.n_dead_tup as dead,
       round(100.0 * s.n_dead_tup / nullif(s.n_live_tup + s.n_dead_tup, 0), 1) as "dead_%",
       s.n_mod_since_analyze as changed_since_analyze,
       date_trunc('seconds', greatest(s.last_vacuum, s.last_autovacuum)) as last_vacuum,
       date_trunc('seconds', greatest(s.last_analyze, s.last_autoanalyze)) as last_analyze,
       age(c.relfrozenxid) as xid_age
  from pg_stat_user_tables s
  join pg_class c on c.oid = s.relid
 order by s.n_dead_tup desc, age(c.relfrozenxid) desc
 limit $1::bigint`

/** The counter wraps at 2^31, and the server refuses writes 3 million before (varsup.c). */
const wraparound = `
select datname as database,
       age(datfrozenxid) as xid_age,
       round(100.0 * age(datfrozenxid) / 2147483648, 1) as "of_xids_%",
       round(100.0 * age(datfrozenxid) / current_setting('autovacuum_freeze_max_age')::bigint, 1) as "of_freeze_max_age_%",
       mxid_age(datminmxid) as mxid_age
  from pg_database
 order by greatest(age(datfrozenxid), mxid_age(datminmxid)) desc
 limit $1::bigint`

export const vacuum: Report = {
  name: 'vacuum',
  what: 'running vacuums, dead rows of the tables of one database, and how near wraparound is',
  async read(context) {
    const now = await readTable(context, { title: 'Running', text: running, right: ['size'] })
    const found = await readTable(context, { title: 'Tables by dead rows', text: tables })
    return [
      unlessEmpty(now, 'No vacuum runs.'),
      unlessEmpty(found, 'There is no table.'),
      await readTable(context, { title: 'Wraparound', text: wraparound }),
    ]
  },
}
