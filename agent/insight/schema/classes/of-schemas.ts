import { notOfExtension, ownSchema } from './object-class.ts'
import type { ObjectClass } from './object-class.ts'
import { namedRelations, none } from './pieces.ts'

export const routines: ObjectClass = {
  name: 'routine',
  catalogs: ['pg_proc'],
  list: `
select p.oid, p.xmin as xid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where ${ownSchema('n.nspname')} and ${notOfExtension('pg_proc', 'p.oid')}`,
  facts: `
select p.oid, case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end as kind,
       quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
       n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object(
         'owner', pg_get_userbyid(p.proowner),
         'acl', p.proacl::text,
         'definition', case when p.prokind <> 'a' then left(pg_get_functiondef(p.oid), 60000) end,
         'returns', case when p.prokind = 'a' then format_type(p.prorettype, null) end,
         'digest', case when length(p.prosrc) > 50000 then md5(p.prosrc) end) as facts,
       -- The body of one in SQL names some.
       ${namedRelations('pg_proc', 'p.oid')}
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where p.oid = any ($1::oid[])`,
}

export const types: ObjectClass = {
  name: 'type',
  catalogs: ['pg_type', 'pg_enum', 'pg_range'],
  // A composite type is a relation, and arrays and multiranges come with what they are of.
  list: `
select t.oid, t.xmin as xid from pg_type t join pg_namespace n on n.oid = t.typnamespace
 where (t.typtype in ('e', 'd', 'r') or t.typtype = 'b' and t.typcategory <> 'A') and ${ownSchema('n.nspname')}
   and ${notOfExtension('pg_type', 't.oid')}`,
  parts: [{ oid: 'enumtypid', of: 'pg_enum' }],
  facts: `
select t.oid, case t.typtype when 'd' then 'domain' else 'type' end as kind, quote_ident(t.typname) as name,
       n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object(
         'owner', pg_get_userbyid(t.typowner),
         'acl', t.typacl::text,
         'labels', (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
                      from pg_enum e where e.enumtypid = t.oid),
         'range of', (select format_type(r.rngsubtype, null) from pg_range r where r.rngtypid = t.oid),
         'base', case t.typtype when 'd' then
                   format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' else '' end end,
         'default', t.typdefault) as facts, ${none}
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
 where t.oid = any ($1::oid[])`,
}

export const statisticsObjects: ObjectClass = {
  name: 'statistics',
  catalogs: ['pg_statistic_ext'],
  list: `
select s.oid, s.xmin as xid from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace
 where ${ownSchema('n.nspname')} and ${notOfExtension('pg_statistic_ext', 's.oid')}`,
  facts: `
select s.oid, 'statistics' as kind, quote_ident(s.stxname) as name, n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object('owner', pg_get_userbyid(s.stxowner), 'definition', pg_get_statisticsobjdef(s.oid)) as facts,
       array[s.stxrelid] as relations
  from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace
 where s.oid = any ($1::oid[])`,
}
