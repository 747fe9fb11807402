import type { LabelSet } from '../../../common/series/label-set.ts'
import { isComparison } from '../syntax/ast.ts'
import type { Binary, Matching } from '../syntax/ast.ts'
import { numberOperator } from './arithmetic.ts'
import type { NumberOperator } from './arithmetic.ts'
import type { MatchGroup } from './match-groups.ts'
import { reserveCells } from './query.ts'
import type { Query } from './query.ts'
import { resultLabels } from './result-labels.ts'
import { dropNames, mergeSameLabels } from './series-merge.ts'
import { withoutEmptySeries } from './take-series.ts'
import { allocateVector } from './values.ts'
import type { Vector } from './values.ts'

/** Whether every series has at most one partner, and none that it lacks is filled in. */
export function arePairs(groups: readonly MatchGroup[], matching: Matching): boolean {
  if (matching.cardinality !== 'one-to-one') return false
  if (matching.fillLeft !== undefined || matching.fillRight !== undefined) return false
  return groups.every(({ left, right }) => left.length <= 1 && right.length <= 1)
}

/** An operation whose groups are pairs: the common case, in which nothing can be ambiguous. */
export async function operateOnPairs(
  node: Binary,
  groups: readonly MatchGroup[],
  left: Vector,
  right: Vector,
  query: Query,
): Promise<Vector> {
  const { steps } = left
  const pairs = groups.filter((group) => group.left.length === 1 && group.right.length === 1)
  reserveCells(query, pairs.length, steps)
  const labels: LabelSet[] = []
  for (const pair of pairs) {
    if (query.pacer.due()) await query.pacer.pause()
    labels.push(resultLabels(node, left.labels[pair.left[0]!]!, right.labels[pair.right[0]!]!, node.bool))
  }
  const out = allocateVector(
    labels,
    steps,
    Uint8Array.from(pairs, (pair) => left.dropName[pair.left[0]!]!),
  )
  const operate = numberOperator(node.operator)
  const fill = isComparison(node.operator) && !node.bool ? keepWhereTrue : fillResults
  for (const [row, pair] of pairs.entries()) {
    if (query.pacer.due()) await query.pacer.pause()
    fill(out, row, operate, left, pair.left[0]!, right, pair.right[0]!)
  }
  // The groups tell the series apart, but for labels that describe the metric.
  const result = await mergeSameLabels(withoutEmptySeries(out), query)
  return node.bool ? dropNames(result, query) : result
}

function fillResults(
  { steps, values, present }: Vector,
  row: number,
  operate: NumberOperator,
  left: Vector,
  i: number,
  right: Vector,
  j: number,
): void {
  const { values: leftValues, present: leftPresent } = left
  const { values: rightValues, present: rightPresent } = right
  for (let k = 0, a = i * steps, b = j * steps, cell = row * steps; k < steps; k++, a++, b++, cell++) {
    if ((leftPresent[a]! & rightPresent[b]!) === 0) continue
    values[cell] = operate(leftValues[a]!, rightValues[b]!)
    present[cell] = 1
  }
}

function keepWhereTrue(
  { steps, values, present }: Vector,
  row: number,
  operate: NumberOperator,
  left: Vector,
  i: number,
  right: Vector,
  j: number,
): void {
  const { values: leftValues, present: leftPresent } = left
  const { values: rightValues, present: rightPresent } = right
  for (let k = 0, a = i * steps, b = j * steps, cell = row * steps; k < steps; k++, a++, b++, cell++) {
    if ((leftPresent[a]! & rightPresent[b]!) === 0) continue
    if (operate(leftValues[a]!, rightValues[b]!) === 0) continue
    values[cell] = leftValues[a]!
    present[cell] = 1
  }
}
