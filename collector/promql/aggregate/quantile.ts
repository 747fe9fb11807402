import type { Groups } from '../evaluate/group-series.ts'
import { isUnusualQuantile, quantileOf } from '../evaluate/quantile.ts'
import type { Query } from '../evaluate/query.ts'
import type { Vector } from '../evaluate/values.ts'
import type { Span } from '../syntax/ast.ts'
import { formatGeneral } from '../syntax/numbers.ts'
import { summariseGroups } from './summarise-groups.ts'

/** The q-quantile of each group and step. */
export async function quantile(
  vector: Vector,
  groups: Groups,
  query: Query,
  q: Float64Array,
  span: Span,
): Promise<Vector> {
  if (vector.labels.length > 0) {
    for (const value of new Set(q)) {
      if (!isUnusualQuantile(value)) continue
      query.annotations.warn(`quantile value should be between 0 and 1, got ${formatGeneral(value)}`, span)
    }
  }
  return summariseGroups(vector, groups, query, (values, count, step) => quantileOf(q[step]!, values, count))
}
