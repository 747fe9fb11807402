import { membersOf } from '../evaluate/group-series.ts'
import type { Groups } from '../evaluate/group-series.ts'
import { reserveCells } from '../evaluate/query.ts'
import type { Query } from '../evaluate/query.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'

/**
 * One value per group and step, from the values present there: the first `count` of an array that `summary` may reorder
 * and must not keep.
 */
export async function summariseGroups(
  vector: Vector,
  groups: Groups,
  query: Query,
  summary: (values: Float64Array, count: number, step: number) => number,
): Promise<Vector> {
  const { steps, values, present } = vector
  reserveCells(query, groups.labels.length, steps)
  const out = allocateVector(groups.labels, steps, groups.dropName)
  const scratch = new Float64Array(vector.labels.length)
  for (const [group, series] of membersOf(groups).entries()) {
    for (let k = 0; k < steps; k++) {
      if (query.pacer.due()) await query.pacer.pause()
      let found = 0
      for (const i of series) if (present[i * steps + k] === 1) scratch[found++] = values[i * steps + k]!
      if (found === 0) continue
      out.present[group * steps + k] = 1
      out.values[group * steps + k] = summary(scratch, found, k)
    }
  }
  return out
}
