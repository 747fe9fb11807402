import type { NodeView } from '../../../common/wire/nodes.ts'
import type { ClusterSummary } from './cluster-answer.ts'

/**
 * A cluster of which no agent reports health, judged by the newest samples: what an agent without a server of its own, or
 * with `health.enabled: false`, leaves to see.
 */
export function sampledCluster(cluster: string, nodes: readonly NodeView[]): ClusterSummary {
  const judgements: ClusterSummary['judgements'] = []
  const find = (
    severity: 'warning' | 'critical',
    code: string,
    members: NodeView[],
    reason: string,
  ): void => {
    if (members.length > 0)
      judgements.push({ code, severity, members: members.map(({ node }) => node), reason })
  }
  const list = (found: readonly NodeView[]): string => found.map(({ node }) => node).join(', ')
  const primaries = nodes.filter(({ up, role }) => up !== false && role === 'primary')
  const down = nodes.filter(({ up }) => up === false)
  const unknown = nodes.filter(({ up, role }) => up !== false && role === null)
  if (primaries.length > 1) {
    find('critical', 'two-primaries', primaries, `${primaries.length} primaries: ${list(primaries)}`)
  }
  // Of a node that is not measured nobody knows whether it is the primary.
  if (primaries.length === 0 && unknown.length === 0) find('critical', 'no-primary', [...nodes], 'no primary')
  find('critical', 'member-down', down, `${list(down)} ${down.length === 1 ? 'is' : 'are'} down`)
  find('warning', 'member-unknown', unknown, `nothing is known of ${list(unknown)}`)
  const isCritical = judgements.some(({ severity }) => severity === 'critical')
  const isUnknown = primaries.length === 0 && unknown.length > 0
  return {
    cluster,
    status: isCritical ? 'critical' : isUnknown ? 'unknown' : judgements.length > 0 ? 'degraded' : 'healthy',
    timeline: null,
    managedBy: 'none',
    members: nodes.map(({ node, ip, role, up, lastSampleMs }) => ({
      server: node,
      node,
      ip,
      isStale: lastSampleMs === null,
      role: up === false || role === null ? 'unknown' : role,
      health: {
        state: up === null ? 'unknown' : up ? 'running' : 'down',
        replayLagBytes: null,
        replayLagSeconds: null,
      },
    })),
    judgements,
  }
}
