import type { ObjectClass } from './classes/object-class.ts'

/**
 * One row: the oids of all, four bytes each, in base64; and what a transaction as new as $1 (an xid; empty for nothing) wrote, as `oid
 * xid commit-time` separated by commas, the time in milliseconds and empty where the server does not keep it. Rows that were written
 * before are not looked at any further, so that a look costs one pass over a catalog. What cannot be told by its rows is always named.
 */
export function listQuery({ list, parts = [] }: ObjectClass): string {
  const young = (xid: string): string => `age(${xid}) <= (select most from threshold)`
  const partRows = parts.map(
    ({ of, oid }) => `union all select ${oid}, xmin from ${of} where ${young('xmin')}`,
  )
  return `
with threshold as (select age(nullif($1::text, '')::xid) as most),
listed as materialized (${list}),
touched (oid, xid) as (
  select oid, xid from listed where xid is null or ${young('xid')}
  ${partRows.join('\n  ')}),
newest as (
  select t.oid, (array_agg(t.xid order by age(t.xid)))[1] as xid
    from touched t where exists (select from listed l where l.oid = t.oid) group by t.oid)
select (select encode(coalesce(string_agg(oidsend(oid), ''::bytea), ''), 'base64') from listed),
       (select string_agg(concat(oid, ' ', xid, ' ',
                 case when current_setting('track_commit_timestamp') = 'on' and xid is not null
                      then floor(1000 * extract(epoch from pg_xact_commit_timestamp(xid))) end), ',')
          from newest)`
}

/**
 * Of the objects in $1: oid, kind, name, parent_oid, parent, facts without nulls as JSON, and 48 bits of a digest over all of that. Those
 * that could only be read after waiting for a lock are left out. Names come out the same whatever search_path is.
 */
export function factsQuery({ facts }: ObjectClass): string {
  return `
with locked as materialized (
  select coalesce(array_agg(distinct l.relation), '{}') as relations
    from pg_locks l
   where l.mode = 'AccessExclusiveLock' and l.relation is not null and l.pid <> pg_backend_pid()
     and l.database = (select d.oid from pg_database d where d.datname = current_database()))
select f.*, ('x' || left(md5(concat_ws('|', f.kind, f.name, f.parent_oid, f.parent, f.told)), 12))::bit(48)::int8
  from (select o.oid, o.kind, o.name, o.parent_oid, o.parent, jsonb_strip_nulls(o.facts)::text as told
          from (select set_config('search_path', 'pg_catalog', true) as path offset 0) s,
               (${facts}) o
         where s.path is not null and not o.relations && (select relations from locked)
        -- So that facts are made once for each, and of these only.
        offset 0) f`
}
