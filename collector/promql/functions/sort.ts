import { compareLabelSets, labelValue } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { takeSeries } from '../evaluate/take-series.ts'
import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import type { Vector } from '../evaluate/values.ts'
import { textArgument, vectorArgument } from './implement.ts'

function sorted(input: CallInput, order: (vector: Vector) => (a: number, b: number) => number): Vector {
  const vector = vectorArgument(input)
  if (input.query.isRange) {
    input.query.annotations.warn(
      'sort is ineffective for range queries since results are always ordered by labels',
      input.call.span,
    )
    return vector
  }
  // An instant query has one step outside of subqueries, and inside of those order means nothing.
  return vector.steps === 1
    ? takeSeries(vector, Uint32Array.from(vector.labels.keys()).sort(order(vector)))
    : vector
}

/** NaN goes last in both directions. */
const byValue =
  (direction: 1 | -1) =>
  ({ values }: Vector) =>
  (a: number, b: number): number => {
    const left = values[a]!
    const right = values[b]!
    if (left !== left || right !== right) return Number(left !== left) - Number(right !== right)
    return left < right ? -direction : left > right ? direction : a - b
  }

const byLabels = (input: CallInput, direction: 1 | -1): Vector => {
  const names: string[] = []
  for (let i = 1; i < input.args.length; i++) names.push(textArgument(input, i))
  const compare = (a: LabelSet, b: LabelSet): number => {
    for (const name of names) {
      const order = compareNatural(labelValue(a, name), labelValue(b, name))
      if (order !== 0) return order
    }
    return compareLabelSets(a, b)
  }
  return sorted(
    input,
    ({ labels }) =>
      (a, b) =>
        compare(labels[a]!, labels[b]!) * direction,
  )
}

/** Runs of digits compare as numbers, so that cpu 10 comes after cpu 9. */
export function compareNatural(a: string, b: string): number {
  const left = a.match(chunks) ?? []
  const right = b.match(chunks) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i]!, right[i]!]
    if (x === y) continue
    const numeric = isDigits(x) && isDigits(y)
    if (!numeric) return x < y ? -1 : 1
    const [m, n] = [BigInt(x), BigInt(y)]
    if (m !== n) return m < n ? -1 : 1
  }
  return left.length - right.length || (a < b ? -1 : a > b ? 1 : 0)
}
const chunks = /\d+|\D+/g
const isDigits = (text: string): boolean => /^\d/.test(text)

/** The order of an instant vector. */
export const sortFunctions: Readonly<Record<string, FunctionImplementation>> = {
  sort: (input) => sorted(input, byValue(1)),
  sort_desc: (input) => sorted(input, byValue(-1)),
  sort_by_label: (input) => byLabels(input, 1),
  sort_by_label_desc: (input) => byLabels(input, -1),
  sort_by_label_numeric: (input) => byLabels(input, 1),
  sort_by_label_numeric_desc: (input) => byLabels(input, -1),
}
