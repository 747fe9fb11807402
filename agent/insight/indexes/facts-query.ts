import { mostIndexFacts } from '../../../common/insight/index-evidence.ts'
import { definitionSql } from './definition-sql.ts'
import { ownSchemas } from './look-at-counters.ts'

/** Days since $1 (epoch seconds as text), at least an hour; NULL where that is not known, which is the empty text. */
export const daysCounted = `
  case when $1::text <> ''
       then greatest(1.0 / 24, (extract(epoch from now())::float8 - nullif($1::text, '')::float8) / 86400) end`

/** Rows of a table per counted day that keep its indexes busy: a HOT update leaves them alone. */
export const writesPerDay = (table: string): string => `
  round(((pg_stat_get_tuples_inserted(${table}) + pg_stat_get_tuples_updated(${table})
          - pg_stat_get_tuples_hot_updated(${table}) + pg_stat_get_tuples_deleted(${table}))
         / (${daysCounted}))::numeric)`

/**
 * What the catalogue says of indexes, one JSON list of indexFact (common/insight/index-evidence.ts) without bloat and coveredBy: of
 * those in $2, which are all told, and of those in $3, which may be cut, first those that nothing speaks for, the largest first.
 */
export function factsQuery(major: number): string {
  const building =
    major < 12
      ? // Whoever builds one without locking the writers out holds this lock of its table.
        `select null::oid as index, l.relation as "table"
           from pg_locks l
          where l.locktype = 'relation' and l.mode = 'ShareUpdateExclusiveLock' and l.granted
            and l.database = (select oid from pg_database where datname = current_database())`
      : `select index_relid as index, relid as "table"
           from pg_stat_progress_create_index
          where datname = current_database()`
  return `
    with wanted as (
      select oid, bool_or(is_needed) as is_needed
        from (select unnest($2::oid[]) as oid, true as is_needed
               union all
              select unnest($3::oid[]), false) asked
       group by oid
    ),
    standing as (
      select conindid, min(conname) filter (where contype <> 'f') as own, min(conname) as any_other
        from pg_constraint
       where conindid <> 0
       group by conindid
    ),
    building as (${building}),
    chosen as (
      select x.indexrelid, coalesce(s.own, s.any_other) as "constraint", h.inhparent, w.is_needed,
             x.indisunique or x.indisreplident or s.conindid is not null or h.inhparent is not null as is_kept,
             i.relpages
        from wanted w
        join pg_index x on x.indexrelid = w.oid
        join pg_class i on i.oid = w.oid
        left join standing s on s.conindid = w.oid
        left join pg_inherits h on h.inhrelid = w.oid
       order by w.is_needed desc, is_kept, i.relpages desc, w.oid
       limit ${mostIndexFacts}
    )
    select coalesce(json_agg(f), '[]')::text
      from (select i.oid::bigint as oid, n.nspname as schema, t.relname as "table", t.oid::bigint as "tableOid", i.relname as index,
                   m.amname as method, left(${definitionSql(major)}, 8000) as definition,
                   i.relpages * current_setting('block_size')::bigint as "sizeBytes",
                   x.indisunique as "isUnique", x.indisreplident as "isReplicaIdentity",
                   x.indisclustered as "isClustered", x.indisvalid as "isValid",
                   x.indexrelid in (select b.index from building b where b.index is not null)
                     or not x.indisvalid and x.indrelid in (select b.table from building b) as "isBeingBuilt",
                   x.indexprs is not null as "hasExpressions", x.indpred is not null as "isPartial",
                   c."constraint",
                   (select e.extname
                      from pg_depend d
                      join pg_extension e on e.oid = d.refobjid
                     where d.classid = 'pg_class'::regclass and d.objid in (i.oid, t.oid)
                       and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
                     limit 1) as extension,
                   (select p.relname from pg_class p where p.oid = c.inhparent) as "partOf",
                   array(select k.conname
                           from pg_constraint k
                          where k.contype = 'f'
                            and k.conrelid = t.oid
                            and x.indpred is null
                            and (x.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
                            and not exists
                                (select
                                   from pg_index o
                                  where o.indrelid = t.oid and o.indexrelid <> i.oid
                                    and o.indisvalid and o.indpred is null
                                    and (o.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
                          order by k.conname
                          limit 16) as "foreignKeys",
                   ${writesPerDay('t.oid')} as "writesPerDay",
                   greatest(0, t.reltuples) as "tableRows"
              from chosen c
              join pg_index x on x.indexrelid = c.indexrelid
              join pg_class i on i.oid = x.indexrelid
              join pg_class t on t.oid = x.indrelid
              join pg_namespace n on n.oid = i.relnamespace
              join pg_am m on m.oid = i.relam
             order by c.is_needed desc, c.is_kept, c.relpages desc, i.oid) f`
}

/**
 * pg_get_indexdef of those in $1 that nobody has locked, or waits to lock, in a way that it would wait behind; a lock that comes at this
 * moment costs the look its lock timeout.
 */
export const wordedQuery = `
  select x.indexrelid::text, left(pg_get_indexdef(x.indexrelid), 8000)
    from pg_index x
   where x.indexrelid = any ($1::oid[])
     and not exists (select
                       from pg_locks l
                      where l.locktype = 'relation'
                        and l.database = (select oid from pg_database where datname = current_database())
                        and l.relation in (x.indexrelid, x.indrelid)
                        and l.mode = 'AccessExclusiveLock')`

/** Invalid ones that nobody is building are among the facts by what they are; oid in text, at most 200. */
export const invalidQuery = `
  select x.indexrelid::text
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
   where not x.indisvalid
     and i.relkind = 'i'
     and i.relnamespace in (select oid from pg_namespace where ${ownSchemas})
   order by i.relpages desc, i.oid
   limit 200`
