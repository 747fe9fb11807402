import { notOfExtension, ownSchema } from './object-class.ts'
import type { ObjectClass } from './object-class.ts'
import { firing, namedRelations } from './pieces.ts'

const onOwnTable = (relation: string): string => `
  exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.oid = ${relation} and c.relpersistence <> 't' and ${ownSchema('n.nspname')}
             and ${notOfExtension('pg_class', 'c.oid')})`

/** The table or view that it is on, and what tells it. */
const on = (relation: string): string => `${relation} as parent_oid, ${relation}::regclass::text as parent`

export const constraints: ObjectClass = {
  name: 'constraint',
  catalogs: ['pg_constraint'],
  // A NOT NULL is shown with its column; since 18 it is a constraint as well.
  list: `
select k.oid, k.xmin as xid
  from pg_constraint k
 where k.contype <> 'n' and (k.conrelid <> 0 and ${onOwnTable('k.conrelid')}
        or k.contypid <> 0 and exists (select from pg_type y join pg_namespace n on n.oid = y.typnamespace
                                        where y.oid = k.contypid and ${ownSchema('n.nspname')}))
   and ${notOfExtension('pg_constraint', 'k.oid')}`,
  facts: `
select k.oid, 'constraint' as kind, quote_ident(k.conname) as name,
       case when k.conrelid <> 0 then k.conrelid else k.contypid end as parent_oid,
       case when k.conrelid <> 0 then k.conrelid::regclass::text else k.contypid::regtype::text end as parent,
       jsonb_build_object(
         'definition', pg_get_constraintdef(k.oid),
         'valid', case when not k.convalidated then 'false' end,
         'inherited', case when k.coninhcount > 0 then 'yes' end) as facts,
       array_remove(array[k.conrelid, k.confrelid, k.conindid], 0::oid) as relations
  from pg_constraint k
 where k.oid = any ($1::oid[])`,
}

export const triggers: ObjectClass = {
  name: 'trigger',
  catalogs: ['pg_trigger'],
  list: `
select t.oid, t.xmin as xid from pg_trigger t
 where not t.tgisinternal and ${onOwnTable('t.tgrelid')} and ${notOfExtension('pg_trigger', 't.oid')}`,
  facts: `
select t.oid, 'trigger' as kind, quote_ident(t.tgname) as name, ${on('t.tgrelid')},
       jsonb_build_object(
         'definition', pg_get_triggerdef(t.oid),
         'enabled', ${firing('t.tgenabled')}) as facts,
       array[t.tgrelid] as relations
  from pg_trigger t
 where t.oid = any ($1::oid[])`,
}

export const policies: ObjectClass = {
  name: 'policy',
  catalogs: ['pg_policy'],
  list: `select p.oid, p.xmin as xid from pg_policy p where ${onOwnTable('p.polrelid')}`,
  facts: `
select p.oid, 'policy' as kind, quote_ident(p.polname) as name, ${on('p.polrelid')},
       jsonb_build_object(
         'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                                  when 'd' then 'delete' else 'all' end,
         'restrictive', case when not p.polpermissive then 'yes' end,
         'roles', (select string_agg(case r when 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, ', ')
                     from unnest(p.polroles) r),
         'using', pg_get_expr(p.polqual, p.polrelid),
         'check', pg_get_expr(p.polwithcheck, p.polrelid)) as facts,
       array[p.polrelid] as relations
  from pg_policy p
 where p.oid = any ($1::oid[])`,
}

export const rules: ObjectClass = {
  name: 'rule',
  catalogs: ['pg_rewrite'],
  list: `
select w.oid, w.xmin as xid from pg_rewrite w
 where w.rulename <> '_RETURN' and ${onOwnTable('w.ev_class')}`,
  facts: `
select w.oid, 'rule' as kind, quote_ident(w.rulename) as name, ${on('w.ev_class')},
       jsonb_build_object(
         'definition', pg_get_ruledef(w.oid),
         'enabled', ${firing('w.ev_enabled')}) as facts,
       ${namedRelations('pg_rewrite', 'w.oid')}
  from pg_rewrite w
 where w.oid = any ($1::oid[])`,
}
