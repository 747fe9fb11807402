import { lookForIndex } from './find-index.ts'
import type { IndexFacts } from './find-index.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { isSameDefinition } from './index-problems.ts'
import type { DropRecord, SavedIndex } from './ledger-record.ts'
import { quotedName } from './restored-index.ts'

/**
 * Whether the drop of an index that is still there has gone so far that no query uses it. One on trial was not used before either: there
 * it shows by its row in pg_index, which a drop writes anew since PostgreSQL 14, and by what it takes from it at last.
 */
export function hasDropBegun(
  { index, trialRowXid }: Pick<DropRecord, 'index' | 'trialRowXid'>,
  now: Pick<IndexFacts, 'isValid' | 'isReady' | 'isLive' | 'rowXid'>,
): boolean {
  if (now.isValid) return false
  if (trialRowXid === undefined) return index.isValid
  return now.rowXid !== trialRowXid || !now.isReady || !now.isLive
}

/**
 * Whether an index whose oid is gone has come back under its name: REINDEX gives it a new oid, and so does who drops and creates it.
 * @throws PgherdError of the session
 */
export async function isBuiltAnew(session: ActionSession, index: SavedIndex): Promise<boolean> {
  const there = await lookForIndex(session, quotedName(index))
  return there !== undefined && isSameDefinition(there.definition, index.definition)
}
