/**
 * SQL that words an index as pg_get_indexdef does, from the catalogue alone: that function waits behind whoever locks the table. NULL for
 * one with expressions, a predicate or parameters of an operator class, which only the server can word. It needs `x` (pg_index), `i` and
 * `t` (pg_class of index and table), `n` (pg_namespace of both) and `m` (pg_am).
 * Source: PostgreSQL, ruleutils.c, pg_get_indexdef_worker.
 */
export function definitionSql(major: number): string {
  const keys = major < 11 ? 'x.indnatts' : 'x.indnkeyatts'
  const parameters =
    major < 13
      ? 'false'
      : 'exists (select from pg_attribute a where a.attrelid = i.oid and a.attoptions is not null)'
  return `
    case when x.indexprs is null and x.indpred is null and not (${parameters}) then
      'CREATE ' || case when x.indisunique then 'UNIQUE ' else '' end || 'INDEX ' || quote_ident(i.relname)
        || ' ON ' || case when t.relkind = 'p' then 'ONLY ' else '' end
        || quote_ident(n.nspname) || '.' || quote_ident(t.relname) || ' USING ' || quote_ident(m.amname) || ' ('
        || (select string_agg(${keySql}, ', ' order by k)
              from generate_series(0, ${keys} - 1) k
              join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[k]
              join pg_opclass o on o.oid = x.indclass[k]
              join pg_namespace s on s.oid = o.opcnamespace
              left join pg_collation c on c.oid = x.indcollation[k] and c.oid <> a.attcollation
              left join pg_namespace g on g.oid = c.collnamespace)
        || ')'
        || coalesce((select ' INCLUDE (' || string_agg(quote_ident(a.attname), ', ' order by k) || ')'
                       from generate_series(${keys}, x.indnatts - 1) k
                       join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[k]), '')
        ${major < 15 ? '' : `|| case when x.indnullsnotdistinct then ' NULLS NOT DISTINCT' else '' end`}
        || coalesce((select ' WITH (' || string_agg(split_part(e, '=', 1) || '='
                       || case when quote_ident(substr(e, strpos(e, '=') + 1)) = substr(e, strpos(e, '=') + 1)
                               then substr(e, strpos(e, '=') + 1)
                               else quote_literal(substr(e, strpos(e, '=') + 1)) end, ', ' order by p) || ')'
                       from unnest(i.reloptions) with ordinality r (e, p)), '')
    end`
}

/** Bit 0 of indoption is DESC, bit 1 NULLS FIRST, which DESC means anyway; access methods without an order have none. */
const keySql = `
  quote_ident(a.attname)
    || case when c.oid is null then ''
            when g.nspname = 'pg_catalog' then ' COLLATE ' || quote_ident(c.collname)
            else ' COLLATE ' || quote_ident(g.nspname) || '.' || quote_ident(c.collname) end
    || case when o.opcdefault then ''
            when s.nspname = 'pg_catalog' then ' ' || quote_ident(o.opcname)
            else ' ' || quote_ident(s.nspname) || '.' || quote_ident(o.opcname) end
    || case x.indoption[k] & 3 when 1 then ' DESC NULLS LAST' when 3 then ' DESC' when 2 then ' NULLS FIRST' else '' end`
