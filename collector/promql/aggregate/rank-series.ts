import type { LabelSet } from '../../../common/series/label-set.ts'
import { concatenate } from '../evaluate/concatenate.ts'
import { membersOf } from '../evaluate/group-series.ts'
import type { Groups } from '../evaluate/group-series.ts'
import { withLabel } from '../evaluate/labels.ts'
import { quantileOf } from '../evaluate/quantile.ts'
import { reserveCells } from '../evaluate/query.ts'
import type { Query } from '../evaluate/query.ts'
import { mergeSameLabels } from '../evaluate/series-merge.ts'
import { takeSeries } from '../evaluate/take-series.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'
import type { RankingAggregator } from '../syntax/ast.ts'

/** What tells the sum of the series that were left out from the others. */
export interface RestLabel {
  readonly name: string
  readonly value: string
}

const scores: Readonly<Record<string, (values: Float64Array) => number>> = {
  min: (values) => values.reduce((a, b) => Math.min(a, b)),
  max: (values) => values.reduce((a, b) => Math.max(a, b)),
  avg: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  median: (values) => quantileOf(0.5, values, values.length),
  last: (values) => values[values.length - 1]!,
}

/** The values of one series where it has any. */
function valuesOf({ values, present, steps }: Vector, i: number): Float64Array {
  const flags = present.subarray(i * steps, (i + 1) * steps)
  return values.subarray(i * steps, (i + 1) * steps).filter((_, k) => flags[k] === 1)
}

/**
 * The k series of each group with the highest or lowest score over all steps, so that a graph has k lines and not
 * as many as ever were among the first k. The limit may differ from step to step: then fewer show at some.
 */
export function rankSeries(
  operator: RankingAggregator,
  vector: Vector,
  groups: Groups,
  limits: Float64Array,
  rest: RestLabel | undefined,
  query: Query,
): Promise<Vector> {
  const [direction = '', kind = ''] = operator.split('_')
  const sign = direction === 'topk' ? -1 : 1
  return choose(vector, groups, limits, rest, query, (series) =>
    ranked(series, sign, query, (i) => {
      const values = valuesOf(vector, i)
      return values.length === 0 ? undefined : scores[kind]!(values)
    }),
  )
}

/** The series that have a score, best first; of equals the first. */
async function ranked(
  series: readonly number[],
  sign: 1 | -1,
  query: Query,
  scoreOf: (i: number) => number | undefined,
): Promise<number[]> {
  const scored: { readonly i: number; readonly score: number }[] = []
  for (const i of series) {
    if (query.pacer.due()) await query.pacer.pause()
    const score = scoreOf(i)
    if (score !== undefined) scored.push({ i, score })
  }
  return scored.sort((a, b) => compareScores(a.score, b.score, sign) || a.i - b.i).map(({ i }) => i)
}

/** The k series of each group that stray most from the group's median over all steps. */
export function outliers(
  vector: Vector,
  groups: Groups,
  query: Query,
  limits: Float64Array,
): Promise<Vector> {
  const { steps, values, present } = vector
  return choose(vector, groups, limits, undefined, query, async (series) => {
    const medians = new Float64Array(steps)
    const here = new Float64Array(series.length)
    for (let k = 0; k < steps; k++) {
      if (query.pacer.due()) await query.pacer.pause()
      let found = 0
      for (const i of series) if (present[i * steps + k] === 1) here[found++] = values[i * steps + k]!
      medians[k] = quantileOf(0.5, here, found)
    }
    return ranked(series, -1, query, (i) => {
      if (!present.subarray(i * steps, (i + 1) * steps).includes(1)) return undefined
      let sum = 0
      for (let k = 0; k < steps; k++) {
        if (present[i * steps + k] === 1) sum += (values[i * steps + k]! - medians[k]!) ** 2
      }
      return sum
    })
  })
}

/** One series of each group, with its labels. */
export function firstOfEach(vector: Vector, groups: Groups, query: Query): Promise<Vector> {
  const one = new Float64Array(vector.steps).fill(1)
  return choose(vector, groups, one, undefined, query, (series) =>
    ranked(series, 1, query, (i) => (valuesOf(vector, i).length > 0 ? 0 : undefined)),
  )
}

/** NaN goes last in both directions. */
function compareScores(a: number, b: number, sign: 1 | -1): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a < b ? -sign : a > b ? sign : 0
}

async function choose(
  vector: Vector,
  groups: Groups,
  limits: Float64Array,
  rest: RestLabel | undefined,
  query: Query,
  rank: (series: readonly number[]) => Promise<readonly number[]>,
): Promise<Vector> {
  const { steps } = vector
  reserveCells(query, vector.labels.length, steps)
  const most = limits.reduce((a, b) => Math.max(a, b), 0)
  const present = vector.present.slice()
  const chosenRows: number[] = []
  const sums: Vector[] = []
  for (const [group, series] of membersOf(groups).entries()) {
    const order = await rank(series)
    const kept = order.slice(0, Math.max(0, Math.trunc(most)))
    for (const [place, i] of kept.entries()) {
      for (let k = 0; k < steps; k++) if (place >= Math.trunc(limits[k]!)) present[i * steps + k] = 0
    }
    for (const i of kept) chosenRows.push(i)
    if (rest !== undefined) sums.push(restOf(vector, order, limits, withRest(groups.labels[group]!, rest)))
  }
  const chosen = takeSeries({ ...vector, present }, chosenRows)
  return sums.length === 0 ? chosen : mergeSameLabels(concatenate([chosen, ...sums], steps, query), query)
}

const withRest = (labels: LabelSet, { name, value }: RestLabel): LabelSet => withLabel(labels, name, value)

/** The sum of the series beyond the limit at each step. */
function restOf(vector: Vector, ranked: readonly number[], limits: Float64Array, labels: LabelSet): Vector {
  const { steps } = vector
  const out = allocateVector([labels], steps)
  for (const [place, i] of ranked.entries()) {
    for (let k = 0; k < steps; k++) {
      if (place < Math.trunc(limits[k]!) || vector.present[i * steps + k] === 0) continue
      out.values[k]! += vector.values[i * steps + k]!
      out.present[k] = 1
    }
  }
  return out
}
