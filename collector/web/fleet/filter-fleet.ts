import type { FleetCluster } from './fleet-clusters.ts'
import { levels } from './level.ts'
import type { Level } from './level.ts'

/** How many clusters are how bad; the worst first. */
export function countLevels(fleet: readonly FleetCluster[]): ReadonlyMap<Level, number> {
  return new Map(
    levels.toReversed().map((level) => [level, fleet.filter((one) => one.level === level).length]),
  )
}

/**
 * The clusters in which every word of `text` is found: in the name, a member's name, host or address, its role, or why it is
 * judged as it is.
 */
export function filterFleet(
  fleet: readonly FleetCluster[],
  text: string,
  level: Level | null,
): readonly FleetCluster[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return fleet.filter((one) => {
    if (level !== null && one.level !== level) return false
    if (words.length === 0) return true
    const known = [
      one.cluster,
      ...one.reasons.map((reason) => reason.text),
      ...one.members.flatMap((member) => [
        member.server,
        member.node,
        member.ip,
        member.state,
        ...member.problems.map((problem) => problem.text),
      ]),
    ]
      .join('\n')
      .toLowerCase()
    return words.every((word) => known.includes(word))
  })
}
