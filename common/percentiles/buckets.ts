import { shapeOf, partUpTo } from './shape.ts'
import type { Shape } from './shape.ts'
import type { Moments } from './moments.ts'
import { normalCdf } from './normal-cdf.ts'

/**
 * Adds calls to a histogram: as many to each bucket as their shape has in it, so that whole calls may fall apart into buckets.
 * @param counts at least one more than edges: those up to each edge and above the one before, then those beyond all
 */
export type FillBuckets = (counts: Float64Array, moments: Moments) => void

/** Beyond so many standard deviations of the logarithm there are 3 of 100,000 calls, which are left where the others end. */
const reach = 4

/** Of the normal distribution within reach, in steps that are off by 0.0004 of all calls at most: what is exact to more digits is slow. */
const steps = 4_096
const stepsOfSigma = steps / (2 * reach)
const cdf = Float64Array.from({ length: steps + 1 }, (_, i) => normalCdf((i + 0.5) / stepsOfSigma - reach))

/** @param edges seconds, rising */
export function createBuckets(edges: readonly number[]): FillBuckets {
  const logs = Float64Array.from(edges, Math.log)

  /** Of a shape with a width: it is asked only at the edges within its reach, by the logarithms that are known. */
  const fill = (counts: Float64Array, shape: Shape): void => {
    const { calls, mu, sigma, min, max } = shape
    const low = mu - reach * sigma
    const high = mu + reach * sigma
    const scale = stepsOfSigma / sigma
    const last = Math.min(firstAtLeast(logs, high), firstAtLeast(logs, Math.log(max)))
    let below = 0
    let i = firstAtLeast(logs, Math.max(low, Math.log(min)))
    for (; i < last; i++) {
      const upTo = cdf[Math.floor((logs[i]! - low) * scale)]!
      counts[i]! += calls * (upTo - below)
      below = upTo
    }
    counts[i]! += calls * (1 - below)
  }

  return (counts, moments) => {
    const shape = shapeOf(moments)
    if (shape === undefined) return
    if (shape.sigma >= 1e-9) {
      fill(counts, shape)
      return
    }
    let i = 0
    while (i < edges.length && partUpTo(shape, edges[i]!) < 1) i++
    counts[i]! += shape.calls
  }
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
