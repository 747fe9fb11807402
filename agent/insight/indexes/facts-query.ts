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
  const keys = major < 11 ? 'x.indnatts' : 'x.indnkeyatts'
  const isBeingBuilt =
    major < 12
      ? // Whoever builds one without locking the writers out holds this lock of its table.
        `not x.indisvalid and exists (select
                                        from pg_locks l
                                       where l.locktype = 'relation' and l.relation = x.indrelid
                                         and l.mode = 'ShareUpdateExclusiveLock' and l.granted)`
      : `exists (select from pg_stat_progress_create_index p where x.indexrelid = p.index_relid)
           or not x.indisvalid and exists (select from pg_stat_progress_create_index p where p.relid = x.indrelid)`
  return `
    select coalesce(json_agg(f), '[]')::text
      from (select i.oid::bigint as oid, n.nspname as schema, t.relname as "table", t.oid::bigint as "tableOid", i.relname as index,
                   m.amname as method, left(${definitionSql(major)}, 8000) as definition,
                   i.relpages * current_setting('block_size')::bigint as "sizeBytes",
                   x.indisunique as "isUnique", x.indisreplident as "isReplicaIdentity",
                   x.indisclustered as "isClustered", x.indisvalid as "isValid",
                   (${isBeingBuilt}) as "isBeingBuilt",
                   x.indexprs is not null as "hasExpressions", x.indpred is not null as "isPartial",
                   (select k.conname
                      from pg_constraint k
                     where k.conindid = i.oid
                     order by k.contype = 'f', k.conname
                     limit 1) as "constraint",
                   (select e.extname
                      from pg_depend d
                      join pg_extension e on e.oid = d.refobjid
                     where d.classid = 'pg_class'::regclass and d.objid in (i.oid, t.oid)
                       and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
                     limit 1) as extension,
                   (select p.relname
                      from pg_inherits h
                      join pg_class p on p.oid = h.inhparent
                     where h.inhrelid = i.oid) as "partOf",
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
              from pg_index x
              join pg_class i on i.oid = x.indexrelid
              join pg_class t on t.oid = x.indrelid
              join pg_namespace n on n.oid = i.relnamespace
              join pg_am m on m.oid = i.relam
             where x.indexrelid = any ($2::oid[])
                or x.indexrelid = any ($3::oid[]) and ${keys} > 0
             order by x.indexrelid = any ($2::oid[]) desc,
                      x.indisunique or x.indisreplident or exists (select from pg_constraint k where k.conindid = i.oid)
                        or exists (select from pg_inherits h where h.inhrelid = i.oid),
                      i.relpages desc, i.oid
             limit 1000) f`
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
