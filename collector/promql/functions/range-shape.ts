import { quantileOf } from '../evaluate/quantile.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { scalarArgument, vectorArgument } from './implement.ts'
import { changed, droppingName, keepingName, mean, overRange, variance } from './whole-series.ts'
import type { Change } from './whole-series.ts'

const present = (values: Float64Array, flags: Uint8Array): Float64Array =>
  values.filter((_, k) => flags[k] === 1)

const median = (values: Float64Array): number => quantileOf(0.5, values.slice(), values.length)

function medianDeviation(values: Float64Array): number {
  const middle = median(values)
  return median(values.map((value) => Math.abs(value - middle)))
}

/** Each value becomes what `prepare` makes of it after a look at all values of the series. */
const mapped =
  (prepare: (all: Float64Array) => (value: number) => number): Change =>
  (values, flags) => {
    const map = prepare(present(values, flags))
    for (let k = 0; k < values.length; k++) if (flags[k] === 1) values[k] = map(values[k]!)
  }

/** Takes out the values that `prepare`, after a look at all values of the series, finds too far off. */
function trimmed(
  prepare: (all: Float64Array, limit: number) => (value: number) => boolean,
): FunctionImplementation {
  return async (input) => {
    const limit = scalarArgument(input, 0).values[0]!
    const out = await changed(input, vectorArgument(input, 1), (values, flags) => {
      const isOff = prepare(present(values, flags), limit)
      for (let k = 0; k < values.length; k++) if (flags[k] === 1 && isOff(values[k]!)) flags[k] = 0
    })
    return dropNames(out, input.query)
  }
}

/** The straight line of least squares through the points; the steps of a query are equally far apart. */
const line: Change = (values, flags) => {
  const all = present(values, flags)
  const steps = Float64Array.from(values.keys()).filter((k) => flags[k] === 1)
  const [x, y] = [mean(steps), mean(all)]
  let [products, squares] = [0, 0]
  for (const [i, step] of steps.entries()) {
    products += (step - x) * (all[i]! - y)
    squares += (step - x) ** 2
  }
  const slope = squares === 0 ? 0 : products / squares
  for (let k = 0; k < values.length; k++) values[k] = y + slope * (k - x)
  flags.fill(1)
}

/** MetricsQL's functions that set the values of a series in relation to all of them, or drop what stands out. */
export const rangeShapeFunctions: Readonly<Record<string, FunctionImplementation>> = {
  range_normalize: keepingName(
    mapped((all) => {
      const [least, most] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))]
      return (value) => (value - least) / (most - least)
    }),
  ),
  range_zscore: droppingName(
    mapped((all) => {
      const [middle, deviation] = [mean(all), Math.sqrt(variance(all))]
      return (value) => (value - middle) / deviation
    }),
  ),
  range_mad: droppingName(overRange(medianDeviation)),
  range_linear_regression: keepingName(line),
  range_trim_zscore: trimmed((all, limit) => {
    const [middle, deviation] = [mean(all), Math.sqrt(variance(all))]
    return (value) => Math.abs(value - middle) / deviation > Math.abs(limit)
  }),
  range_trim_outliers: trimmed((all, limit) => {
    const [middle, most] = [median(all), limit * medianDeviation(all)]
    return (value) => Math.abs(value - middle) > most
  }),
  // Half of the share at the lower end, half at the upper.
  range_trim_spikes: trimmed((all, share) => {
    const least = quantileOf(share / 2, all.slice(), all.length)
    const most = quantileOf(1 - share / 2, all.slice(), all.length)
    return (value) => value < least || value > most
  }),
}
