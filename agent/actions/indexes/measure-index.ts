import type { ActionSession } from '../../postgres/action-session.ts'
import { lookMs } from './find-index.ts'
import type { IndexFacts } from './find-index.ts'

/** Bytes of an index's file; what the catalog says where another session holds its lock. */
export async function measureIndex(
  session: ActionSession,
  { oid, sizeBytes }: Pick<IndexFacts, 'oid' | 'sizeBytes'>,
): Promise<number> {
  const asked = session.read({ text: 'select pg_relation_size($1::oid)', values: [oid] }, lookMs)
  return asked.then(
    ({ rows }) => Number(rows[0]?.[0] ?? sizeBytes),
    () => sizeBytes,
  )
}
