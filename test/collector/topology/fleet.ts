import type { ClusterView } from '../../../common/health/cluster-view.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import { createTopology } from '../../../collector/topology/topology.ts'
import type { TopologyOptions } from '../../../collector/topology/topology.ts'
import { createManualClock } from '../../manual-clock.ts'
import { nowMs } from './reports.ts'

/** A topology on a clock of the test; agents say what the test has them say, as of this moment. */
export function startFleet(parts: Partial<TopologyOptions> = {}) {
  const clock = createManualClock(nowMs)
  const events: NewEvent[] = []
  const topology = createTopology({
    clock,
    isKnownNode: () => true,
    mayReport: () => true,
    failoversBefore: () => [],
    add: (event) => void events.push(event),
    ...parts,
  })
  const say = (node: string, servers: readonly InstanceHealth[], atMs = clock.now()): void => {
    topology.take(node, {
      type: 'health',
      nowMs: atMs,
      servers: servers.map((one) => ({ ...one, atMs, sinceMs: Math.min(one.sinceMs, atMs) })),
    })
  }
  return {
    clock,
    events,
    topology,
    say,
    connect: (...nodes: readonly string[]) => {
      for (const node of nodes) topology.connected({ node, ip: `10.0.0.${node.replace(/^.*-/, '')}` })
    },
    /** All at once, each by its own agent, and then so much time. */
    async sayAll(servers: readonly InstanceHealth[], thenMs = 1_000): Promise<ClusterView> {
      for (const one of servers) say(one.server, [one])
      const view = topology.cluster('ha')
      if (view === undefined) throw new Error('no cluster')
      await clock.advance(thenMs)
      return view
    },
    told: (): readonly string[] =>
      events.map(({ type, node, text }) => `${type} ${node} ${text}`.replace('  ', ' ')),
  }
}
