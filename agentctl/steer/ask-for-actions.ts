import { actionsAnswer } from '../../common/command/action-description.ts'
import type { ActionDescription } from '../../common/command/action-description.ts'
import { PgherdError } from '../../common/errors.ts'
import { suggestions } from '../../common/suggestions.ts'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import type { CollectorClient } from '../client.ts'
import { byName } from '../select-nodes.ts'

/** What a node's agent can do, as it said itself: it may be newer than we are. @throws PgherdError NOT_FOUND */
export async function askForActions(
  client: CollectorClient,
  node: string,
): Promise<readonly ActionDescription[]> {
  const path = `/api/v1/nodes/${encodeURIComponent(node)}/actions`
  return (await client.call('GET', path, actionsAnswer)).data
}

/**
 * A node to ask what agents can do where none was selected.
 * @throws PgherdError UNREACHABLE when no agent is connected
 */
export async function connectedNode(client: CollectorClient): Promise<string> {
  const { data } = await client.call('GET', '/api/v1/nodes', nodesAnswer)
  const [first] = data.filter(({ connected }) => connected).sort(byName)
  if (first === undefined) throw new PgherdError('UNREACHABLE', 'no agent is connected (agentctl nodes)')
  return first.node
}

/** Of selected nodes the one to ask what agents can do: one that is connected, if there is any. */
export function nodeToAsk(nodes: readonly NodeView[]): string {
  return nodes.find(({ connected }) => connected)?.node ?? nodes[0]!.node
}

/** @throws PgherdError NOT_FOUND with the kinds that are near */
export function findAction(
  actions: readonly ActionDescription[],
  kind: string,
  node: string,
): ActionDescription {
  const found = actions.find((one) => one.kind === kind)
  if (found !== undefined) return found
  const kinds = actions.map((one) => one.kind)
  throw new PgherdError(
    'NOT_FOUND',
    kinds.length === 0
      ? `${node} has not told yet which actions it has; is its agent connected? (agentctl nodes)`
      : `the agent of ${node} has no action ${kind}; allowed: ${suggestions(kind, kinds)}`,
  )
}
