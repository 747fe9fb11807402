import { readTable, unlessEmpty } from './report.ts'
import type { Report } from './report.ts'

const databases = `
select datname as database,
       pg_size_pretty(size) as size
  from (select datname,
               -- Others may not be looked at, and asking would fail.
               case when has_database_privilege(oid, 'connect') or pg_has_role('pg_read_all_stats', 'usage')
                    then pg_database_size(oid) end as size
          from pg_database
         where datallowconn) as every
 order by every.size desc nulls last
 limit $1::bigint`

/**
 * Measuring takes a lock that everything but AccessExclusiveLock leaves free, so what is locked that way, or about to be, is
 * left out. Only the largest by the catalog's own figures are measured: each costs a look at all its files.
 */
const tables = `
select n.nspname || '.' || c.relname as "table",
       pg_size_pretty(pg_total_relation_size(c.oid)) as total,
       pg_size_pretty(pg_relation_size(c.oid)) as heap,
       pg_size_pretty(pg_indexes_size(c.oid)) as indexes,
       pg_size_pretty(case when c.reltoastrelid <> 0 then pg_total_relation_size(c.reltoastrelid) end) as toast,
       case when c.reltuples >= 0 then c.reltuples::bigint end as about_rows
  from (select * from pg_class where relkind in ('r', 'm') order by relpages desc limit 2000) c
  join pg_namespace n on n.oid = c.relnamespace
 where not exists (
         select from pg_locks l
          where l.mode = 'AccessExclusiveLock'
            and l.database = (select oid from pg_database where datname = current_database())
            and l.relation in (c.oid, c.reltoastrelid)
       )
   -- Of another session, which no one else can look into.
   and c.relpersistence <> 't'
 order by pg_total_relation_size(c.oid) desc nulls last
 limit $1::bigint`

export const sizes: Report = {
  name: 'sizes',
  what: 'databases and the largest tables of one database, with their indexes and TOAST',
  async read(context) {
    const right = ['size', 'total', 'heap', 'indexes', 'toast']
    const found = await readTable(context, { title: 'Tables', text: tables, right })
    return [
      await readTable(context, { title: 'Databases', text: databases, right }),
      unlessEmpty(found, 'There is no table.'),
    ]
  },
}
