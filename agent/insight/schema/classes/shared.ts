import type { ObjectClass } from './object-class.ts'
import { alone, none } from './pieces.ts'

/** ALTER ROLE ... SET and ALTER DATABASE ... SET, by where they hold. */
const settingsOf = (condition: string, where: string): string => `
  coalesce((select jsonb_object_agg('settings' || coalesce(' ' || ${where}, ''), array_to_string(s.setconfig, ', '))
              from pg_db_role_setting s where ${condition}), '{}')`

/** pg_authid itself is for superusers; its view shows everything but the password. */
export const roles: ObjectClass = {
  name: 'role',
  catalogs: ['pg_authid', 'pg_auth_members', 'pg_db_role_setting'],
  isShared: true,
  list: `select r.oid, null::xid as xid from pg_roles r where r.rolname !~ '^pg_'`,
  facts: `
select r.oid, 'role' as kind, quote_ident(r.rolname) as name, ${alone},
       jsonb_build_object(
         'attributes', concat_ws(', ', case when r.rolsuper then 'superuser' end, case when r.rolcanlogin then 'login' end,
           case when r.rolcreatedb then 'createdb' end, case when r.rolcreaterole then 'createrole' end,
           case when r.rolreplication then 'replication' end, case when r.rolbypassrls then 'bypassrls' end,
           case when not r.rolinherit then 'noinherit' end),
         'connection limit', nullif(r.rolconnlimit, -1)::text,
         'valid until', r.rolvaliduntil::text,
         'member of', (select string_agg(quote_ident(pg_get_userbyid(m.roleid))
                                || case when m.admin_option then ' with admin' else '' end
                                || case to_jsonb(m) ->> 'set_option' when 'false' then ' without set' else '' end
                                || case to_jsonb(m) ->> 'inherit_option' when 'false' then ' without inherit' else '' end,
                                ', ' order by pg_get_userbyid(m.roleid))
                         from pg_auth_members m where m.member = r.oid))
         || ${settingsOf('s.setrole = r.oid', `'in ' || (select d.datname from pg_database d where d.oid = s.setdatabase)`)}
         as facts, ${none}
  from pg_roles r where r.oid = any ($1::oid[])`,
}

export const databases: ObjectClass = {
  name: 'database',
  catalogs: ['pg_database', 'pg_db_role_setting'],
  isShared: true,
  list: `select d.oid, null::xid as xid from pg_database d`,
  facts: `
select d.oid, 'database' as kind, quote_ident(d.datname) as name, ${alone},
       jsonb_build_object(
         'owner', pg_get_userbyid(d.datdba), 'acl', d.datacl::text, 'encoding', pg_encoding_to_char(d.encoding),
         'collation', d.datcollate, 'character type', d.datctype,
         'template', case when d.datistemplate then 'yes' end,
         'connections', case when not d.datallowconn then 'none' else nullif(d.datconnlimit, -1)::text end,
         'tablespace', (select t.spcname from pg_tablespace t where t.oid = d.dattablespace))
         || ${settingsOf('s.setdatabase = d.oid and s.setrole = 0', 'null')} as facts, ${none}
  from pg_database d where d.oid = any ($1::oid[])`,
}

export const tablespaces: ObjectClass = {
  name: 'tablespace',
  catalogs: ['pg_tablespace'],
  isShared: true,
  list: `select t.oid, t.xmin as xid from pg_tablespace t where t.spcname !~ '^pg_'`,
  facts: `
select t.oid, 'tablespace' as kind, quote_ident(t.spcname) as name, ${alone},
       jsonb_build_object(
         'owner', pg_get_userbyid(t.spcowner), 'acl', t.spcacl::text,
         'options', array_to_string(t.spcoptions, ', '), 'location', pg_tablespace_location(t.oid)) as facts, ${none}
  from pg_tablespace t where t.oid = any ($1::oid[])`,
}

/** Without subconninfo, which has a password and is for superusers. */
export const subscriptions: ObjectClass = {
  name: 'subscription',
  catalogs: ['pg_subscription'],
  isShared: true,
  list: `select s.oid, null::xid as xid from pg_subscription s`,
  facts: `
select s.oid, 'subscription' as kind, quote_ident(s.subname) as name, ${alone},
       jsonb_build_object(
         'owner', pg_get_userbyid(s.subowner), 'enabled', s.subenabled::text, 'slot', s.subslotname,
         'database', (select d.datname from pg_database d where d.oid = s.subdbid),
         'publications', array_to_string(s.subpublications, ', ')) as facts, ${none}
  from pg_subscription s where s.oid = any ($1::oid[])`,
}

/** GRANT SET ON PARAMETER. */
export const parameterPrivileges: ObjectClass = {
  name: 'parameter privileges',
  catalogs: ['pg_parameter_acl'],
  since: 150_000,
  isShared: true,
  list: 'select p.oid, p.xmin as xid from pg_parameter_acl p',
  facts: `
select p.oid, 'parameter privileges' as kind, p.parname as name, ${alone},
       jsonb_build_object('acl', p.paracl::text) as facts, ${none}
  from pg_parameter_acl p where p.oid = any ($1::oid[])`,
}
