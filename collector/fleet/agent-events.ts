import type { NewEvent } from '../../common/wire/events.ts'
import type { NodeHello } from './nodes.ts'

/** Turns channels that open and end into events. A channel that replaces another is no news. */
export interface AgentEvents {
  connected(hello: NodeHello): void
  gone(node: string): void
}

/**
 * @param signal after it aborts it is the collector that ends the channels, not the agents
 */
export function createAgentEvents(add: (event: NewEvent) => void, signal: AbortSignal): AgentEvents {
  const clusters = new Map<string, string>()
  return {
    connected({ node, cluster, ip, version }) {
      const isNews = !clusters.has(node)
      clusters.set(node, cluster)
      if (!isNews) return
      const text = `its agent ${version} connected from ${ip}`
      add({ type: 'agent-connected', node, cluster, text, command: null })
    },
    gone(node) {
      const cluster = clusters.get(node)
      if (cluster === undefined || !clusters.delete(node) || signal.aborted) return
      add({ type: 'agent-away', node, cluster, text: 'the channel to its agent has ended', command: null })
    },
  }
}
