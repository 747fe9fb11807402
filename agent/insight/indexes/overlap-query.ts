import { ownSchemas } from './look-at-counters.ts'

/**
 * Indexes of which another does all that they do (oid, the other's oid and name, isEqual): with equal columns in equal order, operator classes, collations,
 * predicate and included columns, or one that a longer B-tree begins with. Of two equal ones the one goes that stands behind nothing, is
 * not unique, and is used less. What a constraint stands on never goes, and a unique one only where the other is as unique.
 * Parts of partitioned indexes cannot be dropped alone. Node trees differ by where in the statement's text a thing stood.
 */
export function overlapQuery(major: number): string {
  const keys = major < 11 ? 'indnatts' : 'indnkeyatts'
  const nullsDistinct = major < 15 ? 'false' : 'x.indnullsnotdistinct'
  const tree = (of: string): string =>
    `coalesce(regexp_replace(x.${of}::text, ':(location|stmt_location|stmt_len) -?\\d+', '', 'g'), '')`
  return `
    with one as (
      select x.indexrelid as oid, x.indrelid, i.relam, x.${keys} as width,
             (x.indkey::int2[])[0:x.${keys} - 1]       as keys,
             (x.indclass::oid[])[0:x.${keys} - 1]      as classes,
             (x.indcollation::oid[])[0:x.${keys} - 1]  as collations,
             (x.indoption::int2[])[0:x.${keys} - 1]    as options,
             (x.indkey::int2[])[x.${keys}:]            as included,
             ${tree('indexprs')} as expressions, ${tree('indpred')} as predicate,
             x.indisunique as is_unique, x.indimmediate as is_immediate, ${nullsDistinct} as nulls_equal,
             x.indisreplident or exists (select from pg_constraint k where k.conindid = x.indexrelid) as is_needed,
             x.indisclustered as is_clustered, i.reloptions,
             pg_stat_get_numscans(x.indexrelid) as scans
        from pg_index x
        join pg_class i on i.oid = x.indexrelid
       where x.indisvalid and x.indisready and x.indislive
         and i.relkind = 'i'
         and i.relpersistence <> 't'
         and i.relnamespace in (select oid from pg_namespace where ${ownSchemas})
         and x.indrelid in (select indrelid from pg_index group by indrelid having count(*) > 1)
    )
    select distinct on (a.oid) a.oid::text, b.oid::text, (select relname from pg_class where oid = b.oid), (a.width = b.width)::text
      from one a
      join one b on b.indrelid = a.indrelid and b.relam = a.relam and b.oid <> a.oid and b.predicate = a.predicate
     where not a.is_needed
       and not exists (select from pg_inherits h where h.inhrelid = a.oid)
       -- Parameters of operator classes, and what BRIN summarizes or bloom signs: a coarser one finds less.
       and not exists (select
                         from pg_attribute p
                         left join pg_attribute q on q.attrelid = b.oid and q.attnum = p.attnum
                        where p.attrelid = a.oid and p.attnum <= a.width and p.attoptions is distinct from q.attoptions)
       and (a.reloptions is not distinct from b.reloptions
            or a.relam in (select oid from pg_am where amname in ('btree', 'hash', 'gist', 'gin', 'spgist')))
       and case when a.width = b.width
                then a.keys = b.keys and a.classes = b.classes and a.collations = b.collations and a.options = b.options
                     and a.expressions = b.expressions and a.included @> b.included and a.included <@ b.included
                     and (not a.is_unique or b.is_unique and b.is_immediate and a.nulls_equal = b.nulls_equal)
                     and (not b.is_needed, not b.is_unique, not b.is_clustered, -b.scans, b.oid)
                         < (not a.is_needed, not a.is_unique, not a.is_clustered, -a.scans, a.oid)
                else a.width < b.width
                     and not a.is_unique
                     and a.relam = (select oid from pg_am where amname = 'btree')
                     and a.keys = b.keys[1:a.width] and a.classes = b.classes[1:a.width]
                     and a.collations = b.collations[1:a.width] and a.options = b.options[1:a.width]
                     and a.expressions in ('', b.expressions)
                     and a.included <@ (b.keys || b.included)
           end
     order by a.oid, a.width = b.width desc, b.width, b.oid
     limit 1000`
}
