import type { ActionSession } from '../../../postgres/action-session.ts'
import { reportTimeoutMs } from '../report.ts'
import type { BlockRow } from './block-sql.ts'

/** What a file of a relation is of. */
export interface NamedFile {
  /** `public.orders_pkey` */
  readonly relation: string
  /** table, index, TOAST, TOAST index, sequence or other. */
  readonly kind: string
  /** The table that it belongs to, itself for a table. */
  readonly table: string
}

/** Looks up files, not relations, so that no lock on one of these is waited for. */
const names = `
select f.tablespace, f.filenode, n.nspname || '.' || c.relname,
       case when c.relkind = 'S' then 'sequence'
            when c.relkind = 't' then 'TOAST'
            when c.relkind = 'i' and o.oid is not null then 'TOAST index'
            when c.relkind = 'i' then 'index'
            when c.relkind in ('r', 'm') then 'table'
            else 'other' end,
       coalesce(o.nspname || '.' || o.relname, tn.nspname || '.' || t.relname, n.nspname || '.' || c.relname)
  from unnest($1::oid[], $2::oid[]) f (tablespace, filenode)
  join pg_class c on c.oid = pg_filenode_relation(f.tablespace, f.filenode)
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_index x on x.indexrelid = c.oid
  left join pg_class t on t.oid = x.indrelid
  left join pg_namespace tn on tn.oid = t.relnamespace
  left join (select w.oid, w.reltoastrelid, w.relname, wn.nspname
               from pg_class w
               join pg_namespace wn on wn.oid = w.relnamespace
              where w.reltoastrelid <> 0) o on o.reltoastrelid = coalesce(t.oid, c.oid)`

/**
 * Names of files of the session's database and of those that all databases share, by `tablespace/filenode`. What was dropped or
 * rewritten since has none. @throws PgherdError of `ActionSession.read`
 */
export async function nameFiles(
  session: ActionSession,
  files: readonly Pick<BlockRow, 'tablespace' | 'filenode'>[],
): Promise<ReadonlyMap<string, NamedFile>> {
  const values = [
    arrayOf(files.map(({ tablespace }) => tablespace)),
    arrayOf(files.map(({ filenode }) => filenode)),
  ]
  const { rows } = await session.read({ text: names, values }, reportTimeoutMs)
  return new Map(
    rows.map(([tablespace, filenode, relation, kind, table]) => [
      `${tablespace}/${filenode}`,
      { relation: relation ?? '', kind: kind ?? '', table: table ?? '' },
    ]),
  )
}

const arrayOf = (oids: readonly string[]): string => `{${oids.join()}}`
