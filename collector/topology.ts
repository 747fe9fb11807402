import type { Figure } from '../common/self-metrics.ts'
import type { Clock } from '../common/clock.ts'
import { messageOf } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { mayReport } from './agent-rights.ts'
import type { AgentRights } from './agent-rights.ts'
import type { Fleet } from './fleet/fleet.ts'
import { countedFailovers } from './topology/cluster-history.ts'
import type { SeenFailover } from './topology/cluster-history.ts'
import { createClusterRecorder } from './topology/cluster-recorder.ts'
import type { RecorderOptions } from './topology/cluster-recorder.ts'
import { createTopology } from './topology/topology.ts'
import type { Topology } from './topology/topology.ts'

/**
 * The clusters as the agents of the fleet report them, judged until the signal aborts. What happens to them becomes events
 * of the fleet, what is judged of them series in the store.
 */
export function openTopology(
  fleet: Fleet,
  options: {
    readonly clock: Clock
    readonly log: Log
    readonly append: RecorderOptions['append']
    readonly rights: AgentRights
    readonly signal: AbortSignal
  },
): { readonly topology: Topology; readonly ended: Promise<unknown> } {
  const { clock, log, append, rights, signal } = options
  const topology = createTopology({
    clock,
    isKnownNode: (node) => fleet.nodes.has(node),
    mayReport: mayReport(rights),
    failoversBefore: (cluster) => storedFailovers(fleet.events, cluster, log),
    add(event) {
      fleet.events.add(event)
      recorder.event(event)
    },
  })
  const recorder = createClusterRecorder({ clock, log, append, clusters: () => topology.lastViews() })
  return { topology, ended: Promise.all([topology.run(signal), recorder.run(signal)]) }
}

/** What cannot be read is no reason to judge nothing. */
function storedFailovers(
  events: Pick<Fleet['events'], 'list'>,
  cluster: string,
  log: Log,
): readonly SeenFailover[] {
  try {
    return events
      .list({ cluster, types: ['failover'], limit: countedFailovers })
      .reverse()
      .flatMap(({ change }) => change ?? [])
  } catch (error) {
    log.warn({ cluster, error: messageOf(error) }, 'topology: the failovers of before could not be read')
    return []
  }
}

/** Topology for /metrics. */
export function topologyFigures(topology: Topology): readonly Figure[] {
  return [
    {
      name: 'pgherd_health_servers',
      help: 'Servers that agents report the health of.',
      read: () => topology.stats().servers,
    },
    {
      name: 'pgherd_health_refused_reports_total',
      help: 'Reports of servers that were not taken: too many, or of servers of others.',
      read: () => topology.stats().refusedReports,
    },
  ]
}
