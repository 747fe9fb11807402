import { normalCdf } from '../../../common/percentiles/normal-cdf.ts'
import type { CallsSoFar } from '../../../common/percentiles/split.ts'
import type { Moments } from '../../../common/percentiles/moments.ts'

/** As PostgreSQL counts them. */
export function soFar(values: readonly number[]): CallsSoFar {
  const calls = values.length
  const sum = values.reduce((a, b) => a + b, 0)
  const mean = sum / calls
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / calls)
  return { calls, sum, deviation, min: Math.min(...values), max: Math.max(...values) }
}

export function momentsOf(values: readonly number[]): Moments {
  return {
    calls: values.length,
    sum: values.reduce((a, b) => a + b, 0),
    squares: values.reduce((a, b) => a + b * b, 0),
    min: Math.min(...values),
    max: Math.max(...values),
  }
}

/** The smallest value that a part of all does not exceed. */
export function percentileOf(values: readonly number[], quantile: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length - 1e-9) - 1)]!
}

/** Of the standard normal distribution, by bisection. */
export function normalQuantile(part: number): number {
  let low = -9
  let high = 9
  while (high - low > 1e-9) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < part) low = middle
    else high = middle
  }
  return high
}
