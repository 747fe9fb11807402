import { formatGeneral } from '../syntax/numbers.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import { compensation } from '../evaluate/kahan.ts'
import { isUnusualQuantile, quantileOf } from '../evaluate/quantile.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import { overWindows, rangeArgument, scalarArgument } from './implement.ts'

/**
 * Population variance in one pass (Welford), which stays exact where all values are equal. What the mean and the sum lose
 * to rounding is kept aside, so that large values close to each other, such as times, keep their small differences.
 */
const variance: WindowFunction = ({ values }, from, to) => {
  let mean = 0
  let meanLost = 0
  let squares = 0
  let squaresLost = 0
  for (let i = from; i < to; i++) {
    const value = values[i]!
    const delta = value - (mean + meanLost)
    const step = delta / (i - from + 1)
    meanLost += compensation(mean, step)
    mean += step
    const square = delta * (value - (mean + meanLost))
    squaresLost += compensation(squares, square)
    squares += square
  }
  return (squares + squaresLost) / (to - from)
}

/** Reused between windows, so that a window costs no allocation. */
function createScratch(): (size: number) => Float64Array {
  let scratch = new Float64Array(64)
  return (size) => {
    if (size > scratch.length) scratch = new Float64Array(size * 2)
    return scratch
  }
}

const quantileOverTime: FunctionImplementation = async (input) => {
  const q = scalarArgument(input, 0).values
  const range = rangeArgument(input, 1)
  const scratchOf = createScratch()
  const quantile: WindowFunction = ({ values }, from, to, { step }) => {
    const scratch = scratchOf(to - from)
    for (let i = from; i < to; i++) scratch[i - from] = values[i]!
    return quantileOf(q[step]!, scratch, to - from)
  }
  const vector = await slideWindows(range, 1, () => quantile, input.query)
  if (range.series.length > 0) {
    for (const value of new Set(q)) {
      if (isUnusualQuantile(value)) {
        input.query.annotations.warn(
          `quantile value should be between 0 and 1, got ${formatGeneral(value)}`,
          input.call.args[0]!.span,
        )
      }
    }
  }
  return dropNames(vector, input.query)
}

const medianAbsoluteDeviation: FunctionImplementation = (input) => {
  const scratchOf = createScratch()
  const deviation: WindowFunction = ({ values }, from, to) => {
    const count = to - from
    const scratch = scratchOf(count)
    scratch.set(values.subarray(from, to))
    for (let i = 0; i < count; i++) if (Number.isNaN(scratch[i]!)) return NaN
    const median = quantileOf(0.5, scratch, count)
    for (let i = 0; i < count; i++) scratch[i] = Math.abs(values[from + i]! - median)
    return quantileOf(0.5, scratch, count)
  }
  return overWindows(deviation)(input)
}

/** How far the samples of a window lie apart. */
export const spreadFunctions: Readonly<Record<string, FunctionImplementation>> = {
  stdvar_over_time: overWindows(variance),
  stddev_over_time: overWindows((samples, from, to, window) =>
    Math.sqrt(variance(samples, from, to, window)),
  ),
  quantile_over_time: quantileOverTime,
  mad_over_time: medianAbsoluteDeviation,
}
