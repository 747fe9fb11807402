import { metricNameLabel } from '../../../common/series/label-set.ts'
import type { Matching } from '../syntax/ast.ts'
import { createGroupKey } from './labels.ts'
import type { Query } from './query.ts'
import type { Vector } from './values.ts'

/** Series of both sides that have the same matching labels, by index into their vectors. */
export interface MatchGroup {
  readonly left: number[]
  readonly right: number[]
}

const seriesPerLook = 16

/** The matching groups of two vectors, in the order of the left side, then of the right. */
export async function matchGroups(
  left: Vector,
  right: Vector,
  matching: Matching,
  { pacer }: Query,
): Promise<MatchGroup[]> {
  const keyOf = matching.on
    ? createGroupKey(matching.labels, false)
    : createGroupKey([...matching.labels, metricNameLabel], true)
  const groups = new Map<string, MatchGroup>()
  const collect = async (vector: Vector, side: keyof MatchGroup): Promise<void> => {
    for (const [i, labels] of vector.labels.entries()) {
      if (i % seriesPerLook === 0 && pacer.due()) await pacer.pause()
      const key = keyOf(labels)
      let group = groups.get(key)
      if (group === undefined) {
        group = { left: [], right: [] }
        groups.set(key, group)
      }
      group[side].push(i)
    }
  }
  await collect(left, 'left')
  await collect(right, 'right')
  return [...groups.values()]
}
