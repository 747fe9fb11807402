import { daysCounted, writesPerDay } from './facts-query.ts'
import { ownSchemas } from './look-at-counters.ts'

const perDay = (counter: string): string => `(${counter} / (${daysCounted}))`

/**
 * Tables that are read from end to end ten times a day or more, a thousand rows or more each time, since $1 (see
 * daysCounted): one JSON list of
 * `scannedTable` (common/insight/index-evidence.ts), those with the most rows read first.
 */
export function scannedTablesQuery(major: number): string {
  const keys = major < 11 ? 'x.indnatts' : 'x.indnkeyatts'
  return `
    select coalesce(json_agg(f), '[]')::text
      from (select t.oid::bigint as oid, n.nspname as schema, t.relname as "table",
                   t.relpages * current_setting('block_size')::bigint as "sizeBytes", t.reltuples as rows,
                   ${perDay('t.scans')} as "scansPerDay", ${perDay('t.read')} as "rowsReadPerDay",
                   ${writesPerDay('t.oid')} as "writesPerDay",
                   array(select a.attname
                           from pg_attribute a
                          where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
                          order by a.attnum
                          limit 200) as columns,
                   array_to_json(array(
                     select array_to_json(array(
                              select a.attname
                                from generate_series(0, least(32, ${keys}) - 1) k
                                join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[k]
                               order by k))
                       from pg_index x
                      where x.indrelid = t.oid and x.indisvalid
                        and 0 <> all (x.indkey::int2[])
                      limit 100)) as indexed
              from (select c.oid, c.relnamespace, c.relname, c.relpages, c.reltuples,
                           pg_stat_get_numscans(c.oid) as scans, pg_stat_get_tuples_returned(c.oid) as read
                      from pg_class c
                     where c.relkind in ('r', 'm')
                       and c.relpersistence <> 't'
                       and c.relpages > 128
                       and c.reltuples >= 5000
                       and c.relnamespace in (select oid from pg_namespace where ${ownSchemas})) t
              join pg_namespace n on n.oid = t.relnamespace
             where t.scans >= 10
               and t.read / t.scans >= 1000
               and ${perDay('t.scans')} >= 10
             order by t.read desc, t.oid
             limit 30) f`
}

/**
 * Foreign keys whose columns lead no index of their table, one JSON list of `bareForeignKey` (common/insight/index-evidence.ts), those of
 * the largest tables first; by the method of the probe pg_fkey_unindexed.
 */
export const bareForeignKeysQuery = `
  select coalesce(json_agg(f), '[]')::text
    from (select k.oid::bigint as oid, n.nspname as schema, t.relname as "table", t.oid::bigint as "tableOid",
                 k.conname as "constraint",
                 array(select a.attname
                         from unnest(k.conkey) with ordinality c (attnum, place)
                         join pg_attribute a on a.attrelid = t.oid and a.attnum = c.attnum
                        order by c.place) as columns,
                 (select m.nspname || '.' || r.relname
                    from pg_class r
                    join pg_namespace m on m.oid = r.relnamespace
                   where r.oid = k.confrelid) as referenced,
                 t.relpages * current_setting('block_size')::bigint as "sizeBytes",
                 ${writesPerDay('t.oid')} as "writesPerDay"
            from pg_constraint k
            join pg_class t on t.oid = k.conrelid
            join pg_namespace n on n.oid = t.relnamespace
           where k.contype = 'f'
             and t.relkind = 'r'
             and t.relpages > 128
             and t.relnamespace in (select oid from pg_namespace where ${ownSchemas})
             and not exists
                 (select
                    from pg_index x
                   where x.indrelid = k.conrelid
                     and x.indisvalid and x.indpred is null
                     and (x.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
           order by t.relpages desc, k.oid
           limit 100) f`
