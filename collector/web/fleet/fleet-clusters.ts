import type { NodeView } from '../../../common/wire/nodes.ts'
import { gravityOf } from '../alerts/severity.ts'
import type { Gravity } from '../alerts/severity.ts'
import type { Alert } from '../api/answers.ts'
import { agentProblems } from './agent-problems.ts'
import type { Problem } from './agent-problems.ts'
import type { ClusterSummary } from './cluster-answer.ts'
import { concern, worst } from './level.ts'
import type { Level } from './level.ts'
import { sampledCluster } from './sampled-cluster.ts'

export interface FleetMember {
  /** Its ins label. */
  readonly server: string
  readonly node: string
  readonly ip: string
  readonly role: 'primary' | 'standby' | 'unknown'
  /** Such as `running`; `unknown` where no report is fresh. */
  readonly state: string
  readonly lagSeconds: number | null
  readonly lagBytes: number | null
  readonly level: Level
  /** Of its agent; what is wrong with the server is said of the cluster. */
  readonly problems: readonly Problem[]
}

export interface FleetCluster {
  readonly cluster: string
  readonly level: Level
  /** The worst first; at least one sentence, also when all is well. */
  readonly reasons: readonly Problem[]
  readonly managedBy: 'patroni' | 'none'
  /** The primary first. */
  readonly members: readonly FleetMember[]
  /** How many alerts fire, by how grave they are. */
  readonly firing: ReadonlyMap<Gravity, number>
}

const names = new Intl.Collator('en', { numeric: true })
const statusLevels: Readonly<Record<ClusterSummary['status'], Level>> = {
  healthy: 'ok',
  degraded: 'warning',
  unknown: 'unknown',
  critical: 'critical',
}

/**
 * The fleet by cluster, the one that hurts most first. Reports of health count before samples where there are any.
 * @param alerts those that somebody is to look after: none that is silenced
 */
export function fleetClusters(
  summaries: readonly ClusterSummary[],
  nodes: readonly NodeView[],
  alerts: readonly Alert[],
  nowMs: number,
): readonly FleetCluster[] {
  const byCluster = Map.groupBy(nodes, ({ cluster }) => cluster)
  const reported = new Set(summaries.map(({ cluster }) => cluster))
  const sampled = [...byCluster]
    .filter(([cluster]) => !reported.has(cluster))
    .map(([cluster, members]) => sampledCluster(cluster, members))
  const byName = new Map(nodes.map((node) => [node.node, node]))
  const firing = Map.groupBy(
    alerts.filter(({ state }) => state === 'firing'),
    ({ labels }) => labels['cls'] ?? labels['cluster'],
  )
  return [...summaries, ...sampled]
    .map((summary) => clusterOf(summary, byName, firing.get(summary.cluster) ?? [], nowMs))
    .sort(byTrouble)
}

function clusterOf(
  { cluster, status, managedBy, members, judgements }: ClusterSummary,
  nodes: ReadonlyMap<string, NodeView>,
  alerts: readonly Alert[],
  nowMs: number,
): FleetCluster {
  const bad = judgements.filter(({ severity }) => severity !== 'ok')
  const troubles = alerts.flatMap(troubleOf)
  const shown = members
    .map((member): FleetMember => {
      const node = nodes.get(member.node)
      const problems = node === undefined ? [] : agentProblems(node, nowMs)
      const judged = [
        ...bad.filter((one) => one.members.includes(member.server)).map(({ severity }): Level => severity),
        ...troubles.filter(({ server }) => server === member.server).map(({ level }) => level),
      ]
      return {
        server: member.server,
        node: member.node,
        ip: member.ip,
        role: member.role,
        state: member.isStale ? 'unknown' : member.health.state,
        lagSeconds: member.role === 'standby' ? member.health.replayLagSeconds : null,
        lagBytes: member.role === 'standby' ? member.health.replayLagBytes : null,
        level: worst([...judged, ...problems.map(({ level }) => level), member.isStale ? 'unknown' : 'ok']),
        problems,
      }
    })
    .sort((a, b) => place(a) - place(b) || names.compare(a.server, b.server))
  const reasons = [
    ...bad.map(({ severity, reason }): Problem => ({ level: severity, text: reason })),
    ...troubles.map(({ level, text }): Problem => ({ level, text })),
  ].sort((a, b) => concern(b.level) - concern(a.level))
  return {
    cluster,
    level: worst([
      statusLevels[status],
      ...troubles.map(({ level }) => level),
      ...shown.flatMap(({ problems }) => problems.map(({ level }) => level)),
    ]),
    reasons: reasons.length > 0 ? reasons : [{ level: statusLevels[status], text: calm(judgements) }],
    managedBy,
    members: shown,
    firing: new Map(
      [...Map.groupBy(alerts, ({ labels }) => gravityOf(labels['severity']))].map(([gravity, some]) => [
        gravity,
        some.length,
      ]),
    ),
  }
}

/** What an alert says of a cluster; one that is only for information is no trouble. */
function troubleOf({ labels, annotations }: Alert): readonly (Problem & { readonly server: string })[] {
  const gravity = gravityOf(labels['severity'])
  if (gravity !== 'critical' && gravity !== 'warning') return []
  const text = annotations['summary'] ?? labels['alertname'] ?? 'an alert fires'
  return [{ level: gravity, text, server: labels['ins'] ?? '' }]
}

const calm = (judgements: ClusterSummary['judgements']): string =>
  judgements.find(({ severity }) => severity === 'ok')?.reason ?? 'nothing is wrong'

const place = ({ role }: FleetMember): number => (role === 'primary' ? 0 : 1)

function byTrouble(a: FleetCluster, b: FleetCluster): number {
  const grave = ({ firing }: FleetCluster): number => firing.get('critical') ?? 0
  const all = ({ firing }: FleetCluster): number =>
    [...firing.values()].reduce((sum, count) => sum + count, 0)
  return (
    concern(b.level) - concern(a.level) ||
    grave(b) - grave(a) ||
    all(b) - all(a) ||
    names.compare(a.cluster, b.cluster)
  )
}
