import { compensation } from '../evaluate/kahan.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import { queryFailed } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import type { RangeSeries } from '../evaluate/values.ts'
import { formatNumber } from '../syntax/numbers.ts'
import { overWindows, rangeArgument, scalarArgument } from './implement.ts'

/** The line through the last regression; one object, overwritten by each. */
const line = { slope: 0, intercept: 0 }

/** Least squares through samples[from, to), seconds counted from `originMs`. */
function fitLine({ timestamps, values }: RangeSeries, from: number, to: number, originMs: number): void {
  const first = values[from]!
  let constant = true
  let sumX = 0
  let sumY = 0
  let sumXY = 0
  let sumX2 = 0
  let lostX = 0
  let lostY = 0
  let lostXY = 0
  let lostX2 = 0
  for (let i = from; i < to; i++) {
    const y = values[i]!
    const x = (timestamps[i]! - originMs) / 1000
    if (y !== first) constant = false
    lostX += compensation(sumX, x)
    sumX += x
    lostY += compensation(sumY, y)
    sumY += y
    lostXY += compensation(sumXY, x * y)
    sumXY += x * y
    lostX2 += compensation(sumX2, x * x)
    sumX2 += x * x
  }
  if (constant) {
    // Rounding must not give a flat series a slope; a series of infinities has none.
    line.slope = Number.isFinite(first) ? 0 : NaN
    line.intercept = Number.isFinite(first) ? first : NaN
    return
  }
  const n = to - from
  sumX += lostX
  sumY += lostY
  const covariance = sumXY + lostXY - (sumX * sumY) / n
  const variance = sumX2 + lostX2 - (sumX * sumX) / n
  line.slope = covariance / variance
  line.intercept = sumY / n - (line.slope * sumX) / n
}

const derivative: WindowFunction = (samples, from, to) => {
  fitLine(samples, from, to, samples.timestamps[from]!)
  return line.slope
}

const predictLinear: FunctionImplementation = async (input) => {
  const ahead = scalarArgument(input, 1).values
  const predict: WindowFunction = (samples, from, to, { evaluationMs, step }) => {
    fitLine(samples, from, to, evaluationMs)
    return line.slope * ahead[step]! + line.intercept
  }
  return dropNames(await slideWindows(rangeArgument(input), 2, () => predict, input.query), input.query)
}

/** Holt's linear method: a level and a trend, each smoothed exponentially. */
const doubleExponentialSmoothing: FunctionImplementation = async (input) => {
  const level = scalarArgument(input, 1).values
  const trend = scalarArgument(input, 2).values
  requireFraction(level, 'smoothing')
  requireFraction(trend, 'trend')
  const smooth: WindowFunction = ({ values }, from, to, { step }) => {
    const smoothing = level[step]!
    const trending = trend[step]!
    let previous = 0
    let current = values[from]!
    let slope = values[from + 1]! - current
    for (let i = from + 1; i < to; i++) {
      if (i > from + 1) slope = trending * (current - previous) + (1 - trending) * slope
      previous = current
      current = smoothing * values[i]! + (1 - smoothing) * (current + slope)
    }
    return current
  }
  return dropNames(await slideWindows(rangeArgument(input), 2, () => smooth, input.query), input.query)
}

function requireFraction(factors: Float64Array, name: string): void {
  for (const factor of factors) {
    if (factor > 0 && factor < 1) continue
    throw queryFailed(`invalid ${name} factor. Expected: 0 < f < 1, got: ${formatNumber(factor)}`)
  }
}

/** Where a series is heading. */
export const regressionFunctions: Readonly<Record<string, FunctionImplementation>> = {
  deriv: overWindows(derivative, { minSamples: 2 }),
  predict_linear: predictLinear,
  double_exponential_smoothing: doubleExponentialSmoothing,
}
