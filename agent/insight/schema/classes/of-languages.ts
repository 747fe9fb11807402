import { notOfExtension, ownSchema } from './object-class.ts'
import type { ObjectClass } from './object-class.ts'
import { none } from './pieces.ts'

/** How text is ordered, and how it is searched. Names of columns that came or went between versions are read from the row as JSON. */
export const collations: ObjectClass = {
  name: 'collation',
  catalogs: ['pg_collation'],
  list: `
select c.oid, c.xmin as xid from pg_collation c join pg_namespace n on n.oid = c.collnamespace
 where c.oid >= 16384 and ${ownSchema('n.nspname')} and ${notOfExtension('pg_collation', 'c.oid')}`,
  facts: `
select c.oid, 'collation' as kind, quote_ident(c.collname) as name, n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object(
         'owner', pg_get_userbyid(c.collowner),
         'provider', case c.collprovider when 'i' then 'icu' when 'c' then 'libc' when 'b' then 'builtin' else 'default' end,
         'locale', coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', c.collcollate),
         'character type', nullif(c.collctype, c.collcollate),
         'rules', to_jsonb(c) ->> 'collicurules',
         'deterministic', case when not c.collisdeterministic then 'no' end,
         'version', c.collversion) as facts, ${none}
  from pg_collation c join pg_namespace n on n.oid = c.collnamespace
 where c.oid = any ($1::oid[])`,
}

export const searchConfigurations: ObjectClass = {
  name: 'text search configuration',
  catalogs: ['pg_ts_config', 'pg_ts_config_map'],
  list: `
select c.oid, c.xmin as xid from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace
 where c.oid >= 16384 and ${ownSchema('n.nspname')} and ${notOfExtension('pg_ts_config', 'c.oid')}`,
  parts: [{ oid: 'mapcfg', of: 'pg_ts_config_map' }],
  facts: `
select c.oid, 'text search configuration' as kind, quote_ident(c.cfgname) as name,
       n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object(
         'owner', pg_get_userbyid(c.cfgowner),
         'parser', (select quote_ident(p.prsname) from pg_ts_parser p where p.oid = c.cfgparser),
         'mappings', (select string_agg(t.maptokentype || ' ' || t.dictionaries, ', ' order by t.maptokentype)
                        from (select m.maptokentype,
                                     string_agg(m.mapdict::regdictionary::text, ' ' order by m.mapseqno) as dictionaries
                                from pg_ts_config_map m where m.mapcfg = c.oid group by m.maptokentype) t)) as facts, ${none}
  from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace
 where c.oid = any ($1::oid[])`,
}

export const searchDictionaries: ObjectClass = {
  name: 'text search dictionary',
  catalogs: ['pg_ts_dict'],
  list: `
select d.oid, d.xmin as xid from pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace
 where d.oid >= 16384 and ${ownSchema('n.nspname')} and ${notOfExtension('pg_ts_dict', 'd.oid')}`,
  facts: `
select d.oid, 'text search dictionary' as kind, quote_ident(d.dictname) as name,
       n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object(
         'owner', pg_get_userbyid(d.dictowner),
         'template', (select quote_ident(t.tmplname) from pg_ts_template t where t.oid = d.dicttemplate),
         'options', d.dictinitoption) as facts, ${none}
  from pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace
 where d.oid = any ($1::oid[])`,
}
