import { notOfExtension, ownSchema } from './object-class.ts'
import type { ObjectClass } from './object-class.ts'
import { alone, none } from './pieces.ts'

/** Its own are all made after initdb, which keeps those of the server out at no cost. */
const ownObject = (oid: string): string => `${oid} >= 16384`

export const operators: ObjectClass = {
  name: 'operator',
  catalogs: ['pg_operator'],
  list: `
select o.oid, o.xmin as xid from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
 where ${ownObject('o.oid')} and ${ownSchema('n.nspname')} and ${notOfExtension('pg_operator', 'o.oid')}`,
  facts: `
select o.oid, 'operator' as kind,
       concat(o.oprname, '(', case when o.oprleft = 0 then 'none' else format_type(o.oprleft, null) end, ',',
              format_type(o.oprright, null), ')') as name,
       n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object(
         'owner', pg_get_userbyid(o.oprowner), 'function', o.oprcode::text,
         'returns', format_type(nullif(o.oprresult, 0), null),
         'commutator', (select c.oprname from pg_operator c where c.oid = o.oprcom),
         'negator', (select c.oprname from pg_operator c where c.oid = o.oprnegate),
         'restrict', nullif(o.oprrest, 0)::text, 'join', nullif(o.oprjoin, 0)::text,
         'hashes', case when o.oprcanhash then 'yes' end, 'merges', case when o.oprcanmerge then 'yes' end)
       as facts, ${none}
  from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
 where o.oid = any ($1::oid[])`,
}

export const operatorClasses: ObjectClass = {
  name: 'operator class',
  catalogs: ['pg_opclass'],
  list: `
select c.oid, c.xmin as xid from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace
 where ${ownObject('c.oid')} and ${ownSchema('n.nspname')} and ${notOfExtension('pg_opclass', 'c.oid')}`,
  facts: `
select c.oid, 'operator class' as kind, quote_ident(c.opcname) || ' using ' || m.amname as name,
       n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object(
         'owner', pg_get_userbyid(c.opcowner), 'type', format_type(c.opcintype, null),
         'default', case when c.opcdefault then 'yes' end,
         'storage', format_type(nullif(c.opckeytype, 0), null),
         'family', (select quote_ident(f.opfname) from pg_opfamily f where f.oid = c.opcfamily)) as facts, ${none}
  from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace join pg_am m on m.oid = c.opcmethod
 where c.oid = any ($1::oid[])`,
}

export const operatorFamilies: ObjectClass = {
  name: 'operator family',
  catalogs: ['pg_opfamily', 'pg_amop', 'pg_amproc'],
  list: `
select f.oid, f.xmin as xid from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace
 where ${ownObject('f.oid')} and ${ownSchema('n.nspname')} and ${notOfExtension('pg_opfamily', 'f.oid')}`,
  parts: [
    { oid: 'amopfamily', of: 'pg_amop' },
    { oid: 'amprocfamily', of: 'pg_amproc' },
  ],
  facts: `
select f.oid, 'operator family' as kind, quote_ident(f.opfname) || ' using ' || m.amname as name,
       n.oid as parent_oid, quote_ident(n.nspname) as parent,
       jsonb_build_object(
         'owner', pg_get_userbyid(f.opfowner),
         'operators', (select string_agg(a.amopstrategy || ' ' || a.amopopr::regoperator, ', '
                                         order by a.amopstrategy, a.amopopr::regoperator::text)
                         from pg_amop a where a.amopfamily = f.oid),
         'functions', (select string_agg(a.amprocnum || ' ' || a.amproc::regprocedure, ', '
                                         order by a.amprocnum, a.amproc::regprocedure::text)
                         from pg_amproc a where a.amprocfamily = f.oid)) as facts, ${none}
  from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace join pg_am m on m.oid = f.opfmethod
 where f.oid = any ($1::oid[])`,
}

export const casts: ObjectClass = {
  name: 'cast',
  catalogs: ['pg_cast'],
  list: `
select c.oid, c.xmin as xid from pg_cast c where ${ownObject('c.oid')} and ${notOfExtension('pg_cast', 'c.oid')}`,
  facts: `
select c.oid, 'cast' as kind,
       concat('(', format_type(c.castsource, null), ' as ', format_type(c.casttarget, null), ')') as name, ${alone},
       jsonb_build_object(
         'function', nullif(c.castfunc, 0)::regprocedure::text,
         'method', case c.castmethod when 'b' then 'binary' when 'i' then 'by input and output' end,
         'implicit', case c.castcontext when 'i' then 'always' when 'a' then 'in assignments' end) as facts, ${none}
  from pg_cast c where c.oid = any ($1::oid[])`,
}
