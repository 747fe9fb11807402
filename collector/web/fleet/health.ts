import type { NodeView } from '../../../common/wire/nodes.ts'

/** Why nothing of what is selected can have fresh data, or null when something can. */
export function silenceOf(nodes: readonly NodeView[]): string | null {
  if (nodes.length === 0)
    return 'No agent has reported for this selection yet. Is it running, and is its collector.url this collector?'
  if (nodes.some(({ lastSampleMs }) => lastSampleMs !== null)) return null
  const who = nodes.length === 1 ? nodes[0]!.node : `any of the ${nodes.length} nodes`
  return nodes.some(({ connected }) => connected)
    ? `No samples from ${who} in the last 5 min, although an agent is connected: see its log.`
    : `No samples from ${who} in the last 5 min: no agent is connected.`
}
