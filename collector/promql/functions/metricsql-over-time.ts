import { meanOf, sumOf } from '../evaluate/kahan.ts'
import { modeOf } from '../evaluate/mode.ts'
import { quantileOf } from '../evaluate/quantile.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import { changeFunctions } from './changes.ts'
import { overWindows } from './implement.ts'
import { overTimeFunctions } from './over-time.ts'
import { rateFunctions } from './rate.ts'
import { regressionFunctions } from './regression.ts'

const median: WindowFunction = ({ values }, from, to) => quantileOf(0.5, values.slice(from, to), to - from)

const mode: WindowFunction = ({ values }, from, to) => modeOf(values.slice(from, to))

const distinct: WindowFunction = ({ values }, from, to) => new Set(values.subarray(from, to)).size

const range: WindowFunction = ({ values }, from, to) => {
  let [least, most] = [values[from]!, values[from]!]
  for (let i = from + 1; i < to; i++) {
    if (values[i]! < least) least = values[i]!
    if (values[i]! > most) most = values[i]!
  }
  return most - least
}

const sumOfSquares: WindowFunction = ({ values }, from, to) => {
  let sum = 0
  for (let i = from; i < to; i++) sum += values[i]! * values[i]!
  return sum
}

const geometricMean: WindowFunction = ({ values }, from, to) => {
  let product = 1
  for (let i = from; i < to; i++) product *= values[i]!
  return product ** (1 / (to - from))
}

/** How many standard deviations the last value is from the mean; 0 where all are equal. */
const zscore: WindowFunction = ({ values }, from, to) => {
  const mean = meanOf(values, from, to)
  let squares = 0
  for (let i = from; i < to; i++) squares += (values[i]! - mean) ** 2
  const deviation = Math.sqrt(squares / (to - from))
  return deviation === 0 ? 0 : (values[to - 1]! - mean) / deviation
}

const slopeOfLastPair: WindowFunction = ({ timestamps, values }, _from, to) =>
  (values[to - 1]! - values[to - 2]!) / ((timestamps[to - 1]! - timestamps[to - 2]!) / 1000)

const seconds =
  (pick: (times: Float64Array, from: number, to: number, endMs: number) => number): WindowFunction =>
  ({ timestamps }, from, to, { endMs }) =>
    pick(timestamps, from, to, endMs) / 1000

/** MetricsQL's summaries of the samples in a window, and its names for some of Prometheus' functions. */
export const metricsqlOverTimeFunctions: Readonly<Record<string, FunctionImplementation>> = {
  median_over_time: overWindows(median, { keepName: true }),
  mode_over_time: overWindows(mode, { keepName: true }),
  distinct_over_time: overWindows(distinct),
  range_over_time: overWindows(range),
  sum2_over_time: overWindows(sumOfSquares),
  geomean_over_time: overWindows(geometricMean, { keepName: true }),
  zscore_over_time: overWindows(zscore),
  ideriv: overWindows(slopeOfLastPair, { minSamples: 2 }),
  lag: overWindows(seconds((times, _from, to, endMs) => endMs - times[to - 1]!)),
  tfirst_over_time: overWindows(seconds((times, from) => times[from]!)),
  tlast_over_time: overWindows(seconds((times, _from, to) => times[to - 1]!)),
  tmin_over_time: overTimeFunctions['ts_of_min_over_time']!,
  tmax_over_time: overTimeFunctions['ts_of_max_over_time']!,
  // Of a selector the evaluator looks at instants, where stale markers count; points of a subquery have none.
  default_rollup: overTimeFunctions['last_over_time']!,
  rate_over_sum: (input) =>
    overWindows(
      ({ values }, from, to, { startMs, endMs }) => sumOf(values, from, to) / ((endMs - startMs) / 1000),
    )(input),
  rate_prometheus: rateFunctions['rate']!,
  increase_prometheus: rateFunctions['increase']!,
  delta_prometheus: rateFunctions['delta']!,
  changes_prometheus: changeFunctions['changes']!,
  holt_winters: regressionFunctions['double_exponential_smoothing']!,
}
