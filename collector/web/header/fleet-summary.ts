import type { ClusterHealth } from '../fleet/health.ts'

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** The fleet in a line: `2 clusters, 5 nodes: 1 critical, 1 warning`. */
export function fleetSummary(fleet: readonly ClusterHealth[]): string {
  const nodes = fleet.flatMap((cluster) => cluster.nodes)
  const size = `${counted(fleet.length, 'cluster', 'clusters')}, ${counted(nodes.length, 'node', 'nodes')}`
  const critical = nodes.filter(({ level }) => level === 'critical').length
  const warning = nodes.filter(({ level }) => level === 'warning').length
  const clusters = fleet.filter(({ problems }) => problems.length > 0).map(({ cluster }) => cluster)
  const troubles = [
    ...(critical > 0 ? [`${counted(critical, 'node', 'nodes')} critical`] : []),
    ...(warning > 0 ? [`${counted(warning, 'node', 'nodes')} with warnings`] : []),
    ...(clusters.length > 0 ? [`trouble in ${clusters.join(', ')}`] : []),
  ]
  return troubles.length === 0 ? `${size}: all well` : `${size}: ${troubles.join(', ')}`
}
