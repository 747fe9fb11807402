import { commandAnswer, commandsAnswer } from '../../common/command/command-view.ts'
import type { CommandView } from '../../common/command/command-view.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CollectorClient } from '../client.ts'

/** So much of an id is shown in lists, and enough to name it. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

const wholeId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * A command by its id, or by the beginning of it if only one of the newest thousand begins so.
 * @throws PgherdError NOT_FOUND, USAGE where several begin so
 */
export async function findCommand(client: CollectorClient, given: string): Promise<CommandView> {
  return (await client.call('GET', `/api/v1/commands/${await wholeIdOf(client, given)}`, commandAnswer)).data
}

async function wholeIdOf(client: CollectorClient, given: string): Promise<string> {
  const id = given.toLowerCase()
  if (wholeId.test(id)) return id
  if (!/^[0-9a-f-]{4,36}$/.test(id)) {
    throw new PgherdError(
      'USAGE',
      `${given} is no id of a command; allowed: the id that agentctl commands shows`,
    )
  }
  const { data } = await client.call('GET', '/api/v1/commands?limit=1000', commandsAnswer)
  const found = data.filter((one) => one.id.startsWith(id))
  const [only] = found
  if (only === undefined) throw new PgherdError('NOT_FOUND', `no command begins with ${given}`)
  if (found.length === 1) return only.id
  const ids = found.slice(0, 4).map((one) => one.id)
  throw new PgherdError('USAGE', `several commands begin with ${given}: ${ids.join(', ')}`)
}
