import type { ActionSession } from '../../postgres/action-session.ts'
import { lookMs } from './find-index.ts'
import type { SavedIndex } from './ledger-record.ts'

/**
 * Names that REINDEX CONCURRENTLY gives to what it builds and to what it replaces (ReindexRelationConcurrently in PostgreSQL's
 * indexcmds.c), with a number behind it where that is taken. One that is not valid is left of one that has not come to its end. Names of
 * 63 bytes are cut before the ending.
 */
const text = `
select format('%I.%I', n.nspname, c.relname),
       exists (select from pg_stat_progress_create_index p where p.relid = i.indrelid)
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_namespace n on n.oid = c.relnamespace
 where i.indrelid = $1::oid
   and not i.indisvalid
   and c.relname ~ '_cc(new|old)[0-9]*$'
   and (regexp_replace(c.relname, '_cc(new|old)[0-9]*$', '') = $2
        or octet_length(c.relname) >= 60 and starts_with($2, regexp_replace(c.relname, '_cc(new|old)[0-9]*$', '')))
 order by 1`

export interface ReindexLeft {
  /** Quoted by the server. */
  readonly names: readonly string[]
  /** Somebody builds an index of that table now: they may be his. */
  readonly isBuilding: boolean
}

/** What REINDEX CONCURRENTLY of an index has left. @throws PgherdError of the session */
export async function leftOfReindex(
  session: ActionSession,
  { tableOid, name }: Pick<SavedIndex, 'tableOid' | 'name'>,
): Promise<ReindexLeft> {
  const { rows } = await session.read({ text, values: [tableOid, name] }, lookMs)
  return {
    names: rows.flatMap(([sql]) => (sql == null ? [] : [sql])),
    isBuilding: rows.some(([, isBuilding]) => isBuilding === 't'),
  }
}
