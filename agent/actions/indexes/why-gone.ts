import { PgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { lookMs } from './find-index.ts'
import type { SavedIndex } from './ledger-record.ts'

/**
 * Why nothing that the ledger says of an index is about this server any more: another one has come in its place, whose oids and transactions mean
 * something else, or the database was dropped.
 * @returns half a sentence; undefined where it is the same
 * @throws PgherdError of the session
 */
export async function whyGone(
  server: ActionSession,
  { system, database }: Pick<SavedIndex, 'system' | 'database'>,
): Promise<string | undefined> {
  const { systemIdentifier } = server
  if (systemIdentifier !== undefined && systemIdentifier !== system) {
    return `the server is another one by now: its system identifier is ${systemIdentifier}, and was ${system}`
  }
  const asked = { text: 'select from pg_database where datname = $1', values: [database] }
  const { rows } = await server.read(asked, lookMs)
  return rows.length > 0 ? undefined : `its database ${database} is gone`
}

/** For whoever is about to change something. @throws PgherdError REFUSED for another server, and for one that does not tell */
export function refuseOther(
  { systemIdentifier }: ActionSession,
  { system }: Pick<SavedIndex, 'system'>,
): void {
  if (systemIdentifier === system) return
  throw new PgherdError(
    'REFUSED',
    `the server ${systemIdentifier === undefined ? 'does not tell who it is' : 'is another one by now'}: its system identifier was ${system}`,
  )
}
