import { makeMonotonic } from './buckets.ts'
import type { Buckets } from './buckets.ts'

/**
 * The q-quantile of a classic histogram, interpolated linearly inside the bucket it falls in. The lowest bucket
 * starts at 0 if its bound is positive; a quantile in the +Inf bucket is the bound below it. Source: Prometheus'
 * documentation of histogram_quantile(). Changes `buckets`; `onForced` hears of counts that had to be raised.
 */
export function bucketQuantile(q: number, buckets: Buckets, onForced: () => void): number {
  const { bounds, counts, length } = buckets
  if (length === 0 || bounds[length - 1] !== Infinity) return NaN
  if (Number.isNaN(q)) return NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  if (makeMonotonic(buckets)) onForced()
  const observations = counts[length - 1]!
  if (length < 2 || observations === 0 || Number.isNaN(observations)) return NaN
  const rank = q * observations
  let hit = 0
  while (hit < length - 1 && !(counts[hit]! >= rank)) hit++
  if (hit === length - 1) return bounds[length - 2]!
  if (hit === 0 && bounds[0]! <= 0) return bounds[0]!
  const start = hit === 0 ? 0 : bounds[hit - 1]!
  const below = hit === 0 ? 0 : counts[hit - 1]!
  return start + (bounds[hit]! - start) * ((rank - below) / (counts[hit]! - below))
}

/** The share of observations between two values, interpolated like bucketQuantile. */
export function bucketFraction(lower: number, upper: number, buckets: Buckets): number {
  const { bounds, counts, length } = buckets
  if (length === 0 || bounds[length - 1] !== Infinity) return NaN
  const observations = counts[length - 1]!
  if (!(observations > 0 || observations < 0)) return NaN
  if (Number.isNaN(lower) || Number.isNaN(upper)) return NaN
  if (lower >= upper) return 0
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / observations
}

/** How many observations are below a value. */
function rankOf(value: number, { bounds, counts, length }: Buckets): number {
  const observations = counts[length - 1]!
  let below = 0
  for (let i = 0; i < length; i++) {
    const start = i > 0 ? bounds[i - 1]! : bounds[0]! <= 0 ? -Infinity : 0
    const end = bounds[i]!
    if (start >= value) return Math.min(below, observations)
    if (end > value) {
      // Inside a bucket without a left end nothing is known; inside the last one nothing is added.
      const share = start === -Infinity ? 1 : (value - start) / (end - start)
      return Math.min(below + (counts[i]! - below) * share, observations)
    }
    below = counts[i]!
  }
  return observations
}
