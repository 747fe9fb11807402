import { countLevels } from './filter-fleet.ts'
import type { FleetCluster } from './fleet-clusters.ts'
import { levelWords } from './level.ts'

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** The fleet in a line: `2 clusters, 5 servers: 1 critical, 1 well`. */
export function fleetSummary(fleet: readonly FleetCluster[]): string {
  const servers = fleet.reduce((sum, { members }) => sum + members.length, 0)
  const size = `${counted(fleet.length, 'cluster')}, ${counted(servers, 'server')}`
  const bad = fleet.filter(({ level }) => level !== 'ok').length
  if (bad === 0) return `${size}: all well`
  const parts = [...countLevels(fleet)].filter(([, count]) => count > 0)
  return `${size}: ${parts.map(([level, count]) => `${count} ${levelWords[level]}`).join(', ')}`
}
