import { ownSchema } from './object-class.ts'
import type { ObjectClass } from './object-class.ts'
import { alone, firing, none } from './pieces.ts'

export const schemas: ObjectClass = {
  name: 'schema',
  catalogs: ['pg_namespace'],
  list: `select n.oid, n.xmin as xid from pg_namespace n where ${ownSchema('n.nspname')}`,
  facts: `
select n.oid, 'schema' as kind, quote_ident(n.nspname) as name, ${alone},
       jsonb_build_object('owner', pg_get_userbyid(n.nspowner), 'acl', n.nspacl::text) as facts, ${none}
  from pg_namespace n where n.oid = any ($1::oid[])`,
}

export const extensions: ObjectClass = {
  name: 'extension',
  catalogs: ['pg_extension'],
  list: 'select x.oid, x.xmin as xid from pg_extension x',
  facts: `
select x.oid, 'extension' as kind, quote_ident(x.extname) as name, ${alone},
       jsonb_build_object('owner', pg_get_userbyid(x.extowner), 'version', x.extversion,
                          'schema', x.extnamespace::regnamespace::text) as facts, ${none}
  from pg_extension x where x.oid = any ($1::oid[])`,
}

export const publications: ObjectClass = {
  name: 'publication',
  catalogs: ['pg_publication', 'pg_publication_rel'],
  list: 'select p.oid, p.xmin as xid from pg_publication p',
  parts: [{ oid: 'prpubid', of: 'pg_publication_rel' }],
  facts: `
select p.oid, 'publication' as kind, quote_ident(p.pubname) as name, ${alone},
       jsonb_build_object(
         'owner', pg_get_userbyid(p.pubowner),
         'publishes', concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
                                case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end),
         'tables', case when p.puballtables then 'all' else
                     (select string_agg(r.prrelid::regclass::text, ', ' order by r.prrelid::regclass::text)
                        from pg_publication_rel r where r.prpubid = p.oid) end,
         'via root', case when p.pubviaroot then 'yes' end) as facts, ${none}
  from pg_publication p where p.oid = any ($1::oid[])`,
}

/** FOR TABLES IN SCHEMA. */
export const publishedSchemas: ObjectClass = {
  name: 'published schema',
  catalogs: ['pg_publication_namespace'],
  since: 150_000,
  list: 'select p.oid, p.xmin as xid from pg_publication_namespace p',
  facts: `
select p.oid, 'published schema' as kind,
       concat(p.pnnspid::regnamespace, ' in ', (select quote_ident(u.pubname) from pg_publication u where u.oid = p.pnpubid)) as name,
       ${alone}, '{}'::jsonb as facts, ${none}
  from pg_publication_namespace p where p.oid = any ($1::oid[])`,
}

/** Columns and rows of a table that is not published as a whole; that it is published stands with its publication. */
export const publishedParts: ObjectClass = {
  name: 'published part',
  catalogs: ['pg_publication_rel'],
  since: 150_000,
  list: `
select p.oid, p.xmin as xid from pg_publication_rel p where p.prattrs is not null or p.prqual is not null`,
  facts: `
select p.oid, 'published part' as kind,
       concat(p.prrelid::regclass, ' in ', (select quote_ident(u.pubname) from pg_publication u where u.oid = p.prpubid)) as name,
       ${alone},
       jsonb_build_object(
         'columns', (select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
                       from pg_attribute a where a.attrelid = p.prrelid and a.attnum = any (p.prattrs::int2[])),
         'rows', pg_get_expr(p.prqual, p.prrelid)) as facts, array[p.prrelid] as relations
  from pg_publication_rel p where p.oid = any ($1::oid[])`,
}

export const eventTriggers: ObjectClass = {
  name: 'event trigger',
  catalogs: ['pg_event_trigger'],
  list: 'select v.oid, v.xmin as xid from pg_event_trigger v',
  facts: `
select v.oid, 'event trigger' as kind, quote_ident(v.evtname) as name, ${alone},
       jsonb_build_object(
         'owner', pg_get_userbyid(v.evtowner), 'event', v.evtevent, 'function', v.evtfoid::regproc::text,
         'tags', array_to_string(v.evttags, ', '),
         'enabled', ${firing('v.evtenabled')}) as facts, ${none}
  from pg_event_trigger v where v.oid = any ($1::oid[])`,
}

export const defaultPrivileges: ObjectClass = {
  name: 'default privileges',
  catalogs: ['pg_default_acl'],
  list: 'select d.oid, d.xmin as xid from pg_default_acl d',
  facts: `
select d.oid, 'default privileges' as kind,
       concat_ws(' ', 'of', quote_ident(pg_get_userbyid(d.defaclrole)), 'on',
         case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
                              when 'T' then 'types' when 'n' then 'schemas' else d.defaclobjtype::text end,
         'in ' || nullif(d.defaclnamespace, 0)::regnamespace::text) as name, ${alone},
       jsonb_build_object('acl', d.defaclacl::text) as facts, ${none}
  from pg_default_acl d where d.oid = any ($1::oid[])`,
}

export const foreignServers: ObjectClass = {
  name: 'foreign server',
  catalogs: ['pg_foreign_server'],
  list: 'select f.oid, f.xmin as xid from pg_foreign_server f',
  facts: `
select f.oid, 'foreign server' as kind, quote_ident(f.srvname) as name, ${alone},
       jsonb_build_object(
         'owner', pg_get_userbyid(f.srvowner), 'acl', f.srvacl::text, 'type', f.srvtype, 'version', f.srvversion,
         'wrapper', (select w.fdwname from pg_foreign_data_wrapper w where w.oid = f.srvfdw),
         'options', array_to_string(f.srvoptions, ', ')) as facts, ${none}
  from pg_foreign_server f where f.oid = any ($1::oid[])`,
}
