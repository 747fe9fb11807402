/**
 * One row with one JSON document about an index, or none. Sizes are those of the catalog: measuring the file takes a lock.
 * @param where - of pg_class as `c`, about $1
 */
export function indexQuery(where: string): string {
  return `
select json_build_object(
         'oid', c.oid::text,
         'sql', format('%I.%I', n.nspname, c.relname),
         'schema', n.nspname,
         'name', c.relname,
         'kind', c.relkind,
         'database', current_database(),
         'tableOid', t.oid::text,
         'table', format('%I.%I', tn.nspname, t.relname),
         'tableKind', t.relkind,
         'tableRows', t.reltuples,
         'isUnique', i.indisunique,
         'isExclusion', i.indisexclusion,
         'isClustered', i.indisclustered,
         'isReplicaIdentity', i.indisreplident,
         'isValid', i.indisvalid,
         'isReady', i.indisready,
         'isLive', i.indislive,
         'checksXmin', i.indcheckxmin,
         'isAttached', c.relispartition,
         'hasExpressions', i.indexprs is not null,
         'rowXid', i.xmin::text,
         'definition', pg_get_indexdef(c.oid),
         'comment', obj_description(c.oid, 'pg_class'),
         'tablespace', coalesce(s.spcname, ''),
         'sizeBytes', c.relpages::bigint * current_setting('block_size')::bigint,
         'isSystem', c.oid < 16384 or n.nspname in ('pg_catalog', 'information_schema') or n.nspname like 'pg\\_toast%',
         'statistics', (
           select coalesce(json_agg(json_build_object('column', attnum, 'target', attstattarget) order by attnum), '[]')
             from pg_attribute
            where attrelid = c.oid and attstattarget >= 0 and not attisdropped),
         'constraints', (
           select coalesce(json_agg(format('%s%I of %s', case contype when 'p' then 'primary key ' when 'u' then 'unique constraint '
                                             when 'x' then 'exclusion constraint ' when 'f' then 'foreign key ' else '' end,
                                           conname, conrelid::regclass) order by conname), '[]')
             from pg_constraint
            where conindid = c.oid),
         -- A delete or an update of the row that is referred to looks for rows that refer to it.
         'foreignKeys', (
           select coalesce(json_agg(format('%I to %s', k.conname, k.confrelid::regclass) order by k.conname), '[]')
             from pg_constraint k
            where k.contype = 'f' and k.conrelid = t.oid and i.indkey[0] = any (k.conkey)
              and not exists (
                select
                  from pg_index o
                 where o.indrelid = t.oid and o.indexrelid <> c.oid
                   and o.indisvalid and o.indisready and o.indislive and o.indpred is null
                   and (o.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)),
         'extension', (
           select min(e.extname)
             from pg_depend d
             join pg_extension e on e.oid = d.refobjid
            where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_extension'::regclass
              and d.deptype = 'e' and d.objid in (c.oid, t.oid)),
         'builtBy', (select min(pid) from pg_stat_progress_create_index where relid = t.oid and datid = d.oid),
         'vacuumedBy', (select min(pid) from pg_stat_progress_vacuum where relid = t.oid and datid = d.oid),
         'role', current_user,
         'isOwner', pg_has_role(t.relowner, 'usage'),
         'isSuperuser', (select rolsuper from pg_roles where rolname = current_user),
         'standbys', (select count(*) from pg_stat_replication),
         'scans', pg_stat_get_numscans(c.oid))
  from pg_class c
  join pg_index i on i.indexrelid = c.oid
  join pg_class t on t.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_namespace tn on tn.oid = t.relnamespace
  join pg_database d on d.datname = current_database()
  left join pg_tablespace s on s.oid = c.reltablespace
 where ${where}`
}
