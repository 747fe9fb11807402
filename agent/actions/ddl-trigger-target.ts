import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { ActionSession } from '../postgres/action-session.ts'
import type { ActionContext } from './action.ts'
import { ddlTriggerState } from './ddl-trigger.ts'
import { serverRefusal } from './server-refusal.ts'

export const databaseArgs = {
  database: z.string().min(1).max(63).optional().describe('that of the URL unless told'),
} as const

export const grantOfDdlTrigger = "a superuser: the agent's role for commands makes an event trigger"

export interface DdlTriggerTarget {
  readonly session: ActionSession
  readonly isInstalled: boolean
  /** Whether the role may install and remove it. */
  readonly isAllowed: boolean
  /** For sentences. */
  readonly where: string
  readonly lines: readonly string[]
}

const readMs = 3_000
const changeMs = 10_000
const leastVersion = 140_000

/**
 * The database that is meant, and whether the event trigger is there.
 * @throws PgherdError REFUSED on a standby and before PostgreSQL 14
 */
export async function lookForDdlTrigger(
  context: ActionContext,
  database: string | undefined,
): Promise<DdlTriggerTarget> {
  const home = await context.session()
  if (home.inRecovery)
    throw new PgherdError('REFUSED', 'this is a standby: it takes the trigger from its primary')
  if (home.versionNumber < leastVersion) {
    throw new PgherdError('REFUSED', 'schemas are looked at from PostgreSQL 14 on')
  }
  const session = database === undefined ? home : await home.database(database)
  const { rows } = await session.read({ text: ddlTriggerState }, readMs)
  const [schema, triggers, isSuperuser] = rows[0] ?? []
  const where = database === undefined ? 'its main database' : `database ${database}`
  return {
    session,
    isInstalled: schema != null,
    isAllowed: isSuperuser === 't',
    where,
    lines: [
      triggers == null
        ? `there is no event trigger of pgherd in ${where}`
        : `event triggers in ${where}: ${triggers}`,
    ],
  }
}

/** Installs or removes it. @throws PgherdError REFUSED with what the role lacks */
export async function changeDdlTrigger(
  session: ActionSession,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  await session.change({ text }, { timeoutMs: changeMs, signal }).catch((error: unknown) => {
    throw serverRefusal(error, grantOfDdlTrigger)
  })
}
