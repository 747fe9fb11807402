import { quantileOf } from '../evaluate/quantile.ts'
import { reserveCells } from '../evaluate/query.ts'
import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import type { Vector } from '../evaluate/values.ts'
import { scalarArgument, vectorArgument } from './implement.ts'

/** The points of one series: what `values` holds where `present` is 1. Both may be changed in place. */
export type Change = (values: Float64Array, present: Uint8Array) => void

/** Changes each series over all steps of the query; MetricsQL's. Series without any value stay without. */
export async function changed(input: CallInput, vector: Vector, change: Change): Promise<Vector> {
  const { steps } = vector
  reserveCells(input.query, vector.labels.length, steps)
  const out = { ...vector, values: vector.values.slice(), present: vector.present.slice() }
  for (let i = 0; i < vector.labels.length; i++) {
    if (input.query.pacer.due()) await input.query.pacer.pause()
    const present = out.present.subarray(i * steps, (i + 1) * steps)
    if (present.includes(1)) change(out.values.subarray(i * steps, (i + 1) * steps), present)
  }
  return out
}

export const keepingName =
  (change: Change): FunctionImplementation =>
  (input) =>
    changed(input, vectorArgument(input), change)

export const droppingName =
  (change: Change): FunctionImplementation =>
  async (input) =>
    dropNames(await changed(input, vectorArgument(input), change), input.query)

/** Each value becomes what came out of it and the values before it. */
function running(next: (accumulated: number, value: number, seen: number) => number): FunctionImplementation {
  return keepingName((values, present) => {
    let accumulated = 0
    let seen = 0
    for (let k = 0; k < values.length; k++) {
      if (present[k] === 1) {
        seen++
        accumulated = seen === 1 ? values[k]! : next(accumulated, values[k]!, seen)
      }
      // A gap shows what there was before it.
      if (seen === 0) continue
      values[k] = accumulated
      present[k] = 1
    }
  })
}

/** Every step becomes one summary of all values. */
export const overRange =
  (summary: (values: Float64Array) => number): Change =>
  (values, present) => {
    const result = summary(values.filter((_, k) => present[k] === 1))
    values.fill(result)
    present.fill(1)
  }

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
export const mean = (values: Float64Array): number => sum(values) / values.length
export const variance = (values: Float64Array): number => {
  const middle = mean(values)
  return values.reduce((total, value) => total + (value - middle) ** 2, 0) / values.length
}

const rangeQuantile: FunctionImplementation = (input) => {
  const q = scalarArgument(input, 0).values[0]!
  return changed(
    input,
    vectorArgument(input, 1),
    overRange((values) => quantileOf(q, values, values.length)),
  )
}

const keepLast: Change = (values, present) => {
  for (let k = 1; k < values.length; k++) {
    if (present[k] === 1 || present[k - 1] === 0) continue
    values[k] = values[k - 1]!
    present[k] = 1
  }
}

const keepNext: Change = (values, present) => {
  for (let k = values.length - 2; k >= 0; k--) {
    if (present[k] === 1 || present[k + 1] === 0) continue
    values[k] = values[k + 1]!
    present[k] = 1
  }
}

/** Straight lines across the gaps; before the first and after the last value nothing is invented. */
const interpolate: Change = (values, present) => {
  let last = -1
  for (let k = 0; k < values.length; k++) {
    if (present[k] === 0) continue
    for (let gap = last + 1; last >= 0 && gap < k; gap++) {
      values[gap] = values[last]! + ((values[k]! - values[last]!) * (gap - last)) / (k - last)
      present[gap] = 1
    }
    last = k
  }
}

/** A counter without its resets: what was lost at each is added to everything after it. */
const removeResets: Change = (values, present) => {
  let lost = 0
  let previous = NaN
  for (let k = 0; k < values.length; k++) {
    if (present[k] === 0) continue
    const value = values[k]!
    if (value < previous) lost += previous
    previous = value
    values[k] = value + lost
  }
}

const smoothExponential: FunctionImplementation = (input) => {
  const factor = Math.max(0, Math.min(1, scalarArgument(input, 1).values[0]!))
  return changed(input, vectorArgument(input), (values, present) => {
    let smooth = NaN
    for (let k = 0; k < values.length; k++) {
      if (present[k] === 0) continue
      smooth = Number.isNaN(smooth) ? values[k]! : values[k]! * factor + smooth * (1 - factor)
      values[k] = smooth
    }
  })
}

export const wholeSeriesFunctions: Readonly<Record<string, FunctionImplementation>> = {
  running_sum: running((total, value) => total + value),
  running_min: running((least, value) => Math.min(least, value)),
  running_max: running((most, value) => Math.max(most, value)),
  running_avg: running((average, value, seen) => average + (value - average) / seen),
  range_sum: keepingName(overRange(sum)),
  range_avg: keepingName(overRange(mean)),
  range_min: keepingName(overRange((values) => values.reduce((a, b) => Math.min(a, b)))),
  range_max: keepingName(overRange((values) => values.reduce((a, b) => Math.max(a, b)))),
  range_first: keepingName(overRange((values) => values[0]!)),
  range_last: keepingName(overRange((values) => values[values.length - 1]!)),
  range_median: keepingName(overRange((values) => quantileOf(0.5, values, values.length))),
  range_stddev: droppingName(overRange((values) => Math.sqrt(variance(values)))),
  range_stdvar: droppingName(overRange(variance)),
  range_quantile: rangeQuantile,
  keep_last_value: keepingName(keepLast),
  keep_next_value: keepingName(keepNext),
  interpolate: keepingName(interpolate),
  remove_resets: keepingName(removeResets),
  smooth_exponential: smoothExponential,
}
