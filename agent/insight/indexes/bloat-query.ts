import { ownSchemas } from './look-at-counters.ts'

/** Whether the widths of columns may be read, as the probe pg_index_bloat needs them, too. */
export const widthsReadable = `
  select bool_and(has_column_privilege('pg_catalog.pg_statistic', name, 'SELECT'))::text
    from unnest('{starelid,staattnum,stainherit,stanullfrac,stawidth}'::text[]) as name`

/**
 * Large B-trees (oid, part of it that an equal one just built would not need) of which that is much, by the method of the probe
 * pg_index_bloat, whose file says where the layout is from. Without the widths only keys of fixed width can be told.
 */
export function bloatQuery(withWidths: boolean): string {
  const width = withWidths
    ? 'coalesce((1 - w.stanullfrac) * w.stawidth, nullif(a.attlen, -1))'
    : 'nullif(a.attlen, -1)'
  return `
    with large as (
      select c.oid, c.relpages, c.reltuples, x.indrelid, x.indkey,
             coalesce(substring(c.reloptions::text from 'fillfactor=(\\d+)')::int, 90) as fillfactor
        from pg_class c
        join pg_index x on x.indexrelid = c.oid
        join pg_am m on m.oid = c.relam
       where c.relkind = 'i'
         and m.amname = 'btree'
         and x.indisvalid
         and c.relpages > 128
         and c.reltuples > 0
         and c.relpersistence <> 't'
         and c.relnamespace in (select oid from pg_namespace where ${ownSchemas})
       order by c.relpages desc, c.oid
       limit 1000
    ),
    width as (
      select oid,
             sum(width + case when align > before then (align - before) / 2.0 else 0 end) as data,
             max(nulls) > 0 as has_nulls, bool_and(width is not null) as known
        from (select c.oid, ${width} as width, ${withWidths ? 'coalesce(w.stanullfrac, 0)' : '0'} as nulls, v.align,
                     lag(v.align, 1, 8) over (partition by c.oid order by a.attnum) as before
                from large c
                join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
               cross join lateral (select c.indkey[a.attnum - 1]) as k (attnum)
                ${
                  withWidths
                    ? `left join pg_statistic w on not w.stainherit
                                        and w.starelid = case k.attnum when 0 then c.oid else c.indrelid end
                                        and w.staattnum = case k.attnum when 0 then a.attnum else k.attnum end`
                    : ''
                }
               cross join lateral
                     (select case when a.attlen < 0 then 1
                                  else case a.attalign when 'd' then 8 when 'i' then 4 when 's' then 2 else 1 end
                             end as align) v) measured
       group by oid
    )
    select oid::text, ratio::text
      from (select c.oid, c.relpages,
                   greatest(0, 1 - (1 + ceil(ceil(c.reltuples / l.per_page) * (1 + 1 / l.per_page))) / c.relpages) as ratio
              from large c
              join width w on w.oid = c.oid and w.known
             cross join lateral
                   (select greatest(2, floor((current_setting('block_size')::bigint - 40) * c.fillfactor / 100.0
                                             / (4 + case when w.has_nulls then 16 else 8 end
                                                + 8 * ceil(w.data / 8.0))))) as l (per_page)) estimated
     where ratio >= 0.3
       and ratio * relpages > 128
     order by ratio * relpages desc, oid
     limit 100`
}
