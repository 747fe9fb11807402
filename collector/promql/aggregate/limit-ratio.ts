import { createHash } from 'node:crypto'
import { labelKey } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { Groups } from '../evaluate/group-series.ts'
import type { Query } from '../evaluate/query.ts'
import type { Vector } from '../evaluate/values.ts'
import { formatGeneral } from '../syntax/numbers.ts'
import type { Span } from '../syntax/ast.ts'
import { selectSeries } from './select-series.ts'

/** A number in [0, 1) that depends on the labels alone, so that a series is always in or always out. */
function position(labels: LabelSet): number {
  return createHash('md5').update(labelKey(labels)).digest().readUInt32BE(0) / 2 ** 32
}

/**
 * A share of all series: those whose position is below the ratio r, or for a negative one at least 1 + r, so that
 * r and r - 1 together give everything.
 */
export function limitRatio(
  vector: Vector,
  groups: Groups,
  query: Query,
  ratios: Float64Array,
  span: Span,
): Promise<Vector> {
  const positions = vector.labels.map(position)
  const capped = ratios.map((ratio) => {
    const limited = Math.max(-1, Math.min(1, ratio))
    if (limited !== ratio) {
      query.annotations.warn(
        `ratio value should be between -1 and 1, got ${formatGeneral(ratio)}, capping to ${formatGeneral(limited)}`,
        span,
      )
    }
    return limited
  })
  return selectSeries(vector, groups, query, (present, step) => {
    const ratio = capped[step]!
    return present.filter((i) => (ratio >= 0 ? positions[i]! < ratio : positions[i]! >= 1 + ratio))
  })
}
