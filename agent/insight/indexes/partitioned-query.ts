import { ownSchemas } from './look-at-counters.ts'

/**
 * Indexes of partitioned tables that are parts of none themselves, with those of their partitions that store something, however deep, as one
 * JSON list of root, parts and sizeBytes; the largest first. Before 11 there are none.
 */
export const partitionedQuery = `
  with recursive tree as (
    select i.oid as root, i.oid, i.relkind, i.relpages
      from pg_class i
     where i.relkind = 'I'
       and not exists (select from pg_inherits h where h.inhrelid = i.oid)
       and i.relnamespace in (select oid from pg_namespace where ${ownSchemas})
     union all
    select t.root, c.oid, c.relkind, c.relpages
      from tree t
      join pg_inherits h on h.inhparent = t.oid
      join pg_class c on c.oid = h.inhrelid
  )
  select coalesce(json_agg(f), '[]')::text
    from (select root::bigint as root, json_agg(oid::bigint order by oid) as parts,
                 sum(relpages::bigint) * current_setting('block_size')::bigint as "sizeBytes"
            from tree
           where relkind = 'i'
           group by root
          having count(*) <= 2000
           order by sum(relpages::bigint) desc, root
           limit 200) f`
