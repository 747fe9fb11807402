/** Columns of what is in no schema and on no table. */
export const alone = 'null::oid as parent_oid, null::text as parent'

/** What can be read whatever is locked. */
export const none = `'{}'::oid[] as relations`

/** When a trigger or rule fires, unless that is as usual. */
export const firing = (column: string): string =>
  `case ${column} when 'D' then 'no' when 'R' then 'on replicas' when 'A' then 'always' end`

/** The relations that an object of a catalog names, which reading it locks. */
export const namedRelations = (catalog: string, oid: string): string =>
  `array(select d.refobjid from pg_depend d
              where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.refclassid = 'pg_class'::regclass)
         as relations`
