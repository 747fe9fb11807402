import type { NodeView } from '../../../common/wire/nodes.ts'
import { formatAge } from '../format/time.ts'
import { formatSeconds } from '../format/units.ts'

/** From good to bad; the order is that of concern. */
export const levels = ['ok', 'warning', 'critical'] as const
export type Level = (typeof levels)[number]

export interface Problem {
  readonly level: Level
  readonly text: string
}

export interface NodeHealth {
  readonly node: NodeView
  readonly level: Level
  /** The worst first. */
  readonly problems: readonly Problem[]
}

export interface ClusterHealth {
  readonly cluster: string
  readonly level: Level
  /** Those of the cluster as a whole; its nodes have their own. */
  readonly problems: readonly Problem[]
  readonly nodes: readonly NodeHealth[]
}

/** Three scrapes of ten seconds, and some patience. */
const silentAfterMs = 45_000
const lagWarningSeconds = 30
const lagCriticalSeconds = 300
/** Clocks further apart than this make ages and lags of seconds meaningless. */
const skewWarningMs = 5_000

const severity = (level: Level): number => levels.indexOf(level)
const worst = (found: readonly Level[]): Level =>
  found.reduce<Level>((bad, level) => (severity(level) > severity(bad) ? level : bad), 'ok')
const names = new Intl.Collator('en', { numeric: true })

/** What is wrong with a node, from the fleet's view of it and its replication lag in seconds. */
export function nodeHealth(node: NodeView, lagSeconds: number | undefined, nowMs: number): NodeHealth {
  const problems: Problem[] = []
  if (node.up === false) problems.push({ level: 'critical', text: 'PostgreSQL is down' })
  if (node.lastSampleMs === null) {
    problems.push({ level: 'critical', text: 'no sample in the last 5 min' })
  } else if (nowMs - node.lastSampleMs > silentAfterMs) {
    problems.push({ level: 'warning', text: `last sample ${formatAge(nowMs - node.lastSampleMs)}` })
  }
  if (!node.connected) {
    problems.push({
      level: 'warning',
      text: `agent not connected, last seen ${formatAge(nowMs - node.lastSeenMs)}`,
    })
  }
  if (node.up === true && node.role === null) problems.push({ level: 'warning', text: 'role unknown' })
  if (lagSeconds !== undefined && lagSeconds >= lagWarningSeconds) {
    problems.push({
      level: lagSeconds >= lagCriticalSeconds ? 'critical' : 'warning',
      text: `replication lags ${formatSeconds(Math.round(lagSeconds))}`,
    })
  }
  if (Math.abs(node.clockSkewMs) >= skewWarningMs) {
    const direction = node.clockSkewMs > 0 ? 'ahead' : 'behind'
    problems.push({
      level: 'warning',
      text: `clock ${formatSeconds(Math.abs(node.clockSkewMs) / 1000)} ${direction}`,
    })
  }
  problems.sort((a, b) => severity(b.level) - severity(a.level))
  return { node, level: worst(problems.map(({ level }) => level)), problems }
}

/** The fleet by cluster, the one that hurts most first; within a cluster the primary is first. */
export function fleetHealth(
  nodes: readonly NodeView[],
  lags: ReadonlyMap<string, number>,
  nowMs: number,
): readonly ClusterHealth[] {
  const clusters = Map.groupBy(nodes, (node) => node.cluster)
  return [...clusters]
    .map(([cluster, members]): ClusterHealth => {
      const healths = members
        .map((node) => nodeHealth(node, node.role === 'standby' ? lags.get(node.node) : undefined, nowMs))
        .sort((a, b) => byRole(a.node, b.node))
      const problems = clusterProblems(members)
      return {
        cluster,
        level: worst([...problems, ...healths].map(({ level }) => level)),
        problems,
        nodes: healths,
      }
    })
    .sort((a, b) => severity(b.level) - severity(a.level) || names.compare(a.cluster, b.cluster))
}

function byRole(a: NodeView, b: NodeView): number {
  const place = (node: NodeView): number => (node.role === 'primary' ? 0 : 1)
  return place(a) - place(b) || names.compare(a.node, b.node)
}

function clusterProblems(members: readonly NodeView[]): readonly Problem[] {
  const primaries = members.filter(({ up, role }) => up !== false && role === 'primary')
  if (primaries.length > 1) {
    return [
      {
        level: 'critical',
        text: `${primaries.length} primaries: ${primaries.map(({ node }) => node).join(', ')}`,
      },
    ]
  }
  // Of a node that is not measured nobody knows whether it is the primary.
  const isKnown = members.every(({ up, role }) => up === false || role !== null)
  return primaries.length === 0 && isKnown ? [{ level: 'critical', text: 'no primary' }] : []
}

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
