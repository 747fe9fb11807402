import { isOfStatement } from '../observe/is-of-statement.ts'
import type { ObservedServer } from '../observe/view.ts'
import type { SettingsSession } from '../read-settings.ts'
import { details } from './details.ts'
import type { Detail } from './detail.ts'
import type { Details } from './details.ts'

/**
 * Asks for all of them, one after the other. One that the server does not give to this role, or not in time, is missing.
 * @throws PgherdError of the session when there is no connection, or it was lost on the way
 */
export async function readDetails(
  session: Pick<SettingsSession, 'read'>,
  server: ObservedServer,
): Promise<Details> {
  const told: Record<string, unknown> = {}
  for (const [name, detail] of Object.entries<Detail<unknown>>(details)) {
    try {
      told[name] = await detail.read(session, server)
    } catch (error) {
      if (!isOfStatement(error)) throw error
    }
  }
  return told
}
