import { eventsAnswer } from '../../common/wire/events.ts'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { CollectorClient } from '../client.ts'

/** Those that the collector has heard of, and those that have joined and were silent since. */
export async function enrolledNodes(client: CollectorClient): Promise<ReadonlySet<string>> {
  const [nodes, events] = await Promise.all([
    client.call('GET', '/api/v1/nodes', nodesAnswer),
    client.call('GET', '/api/v1/events?type=node-enrolled&type=node-revoked&limit=10000', eventsAnswer),
  ])
  const known = new Set(nodes.data.map(({ node }) => node))
  for (const { type, node } of [...events.data].sort((a, b) => a.seq - b.seq)) {
    if (type === 'node-enrolled') known.add(node)
    else known.delete(node)
  }
  return known
}
