import type { Groups } from '../evaluate/group-series.ts'
import { isUnusualQuantile, quantileOf } from '../evaluate/quantile.ts'
import type { Query } from '../evaluate/query.ts'
import { reserveCells } from '../evaluate/query.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'
import type { Span } from '../syntax/ast.ts'
import { formatGeneral } from '../syntax/numbers.ts'

/** The q-quantile of each group and step. */
export async function quantile(
  vector: Vector,
  groups: Groups,
  query: Query,
  q: Float64Array,
  span: Span,
): Promise<Vector> {
  const { steps, values, present } = vector
  if (vector.labels.length > 0) {
    for (const value of new Set(q)) {
      if (!isUnusualQuantile(value)) continue
      query.annotations.warn(`quantile value should be between 0 and 1, got ${formatGeneral(value)}`, span)
    }
  }
  reserveCells(query, groups.labels.length, steps)
  const out = allocateVector(groups.labels, steps, groups.dropName)
  const members = groups.labels.map((): number[] => [])
  for (let i = 0; i < groups.groupOf.length; i++) members[groups.groupOf[i]!]!.push(i)
  const scratch = new Float64Array(vector.labels.length)
  for (const [group, series] of members.entries()) {
    for (let k = 0; k < steps; k++) {
      if (query.pacer.due()) await query.pacer.pause()
      let found = 0
      for (const i of series) if (present[i * steps + k] === 1) scratch[found++] = values[i * steps + k]!
      if (found === 0) continue
      out.present[group * steps + k] = 1
      out.values[group * steps + k] = quantileOf(q[k]!, scratch, found)
    }
  }
  return out
}
