import type { RangeVector } from '../evaluate/values.ts'

/** By step, what rate() and its like know of a window from the times of its samples alone. */
export interface Spans {
  /** The times that it is about. */
  times: Float64Array
  /** The samples of the window are froms[k] up to tos[k] - 1; of a window with fewer than two, tos[k] is 0. */
  readonly froms: Uint32Array
  readonly tos: Uint32Array
  /** Between the first and the last sample of the window. */
  readonly sampledMs: Float64Array
  /** How far beyond them it is extrapolated, on the left and on the right. */
  readonly beforeMs: Float64Array
  readonly afterMs: Float64Array
  /** What the difference between the two is multiplied by. */
  readonly factors: Float64Array
  /**
   * Only a counter whose value is below so many times its difference may have been zero within what it is extrapolated
   * to: a test that costs next to nothing and lets too many through. NaN lets none through.
   */
  readonly limits: Float64Array
  /** The largest of them. */
  mostLimit: number
  /** Whether every window has two samples. */
  isFull: boolean
}

export function createSpans(steps: number): Spans {
  return {
    times: new Float64Array(0),
    froms: new Uint32Array(steps),
    tos: new Uint32Array(steps),
    sampledMs: new Float64Array(steps),
    beforeMs: new Float64Array(steps),
    afterMs: new Float64Array(steps),
    factors: new Float64Array(steps),
    limits: new Float64Array(steps),
    mostLimit: 1,
    isFull: false,
  }
}

/** Whether the spans are about these times. */
export function haveTimes(spans: Spans, times: Float64Array): boolean {
  const { times: known } = spans
  if (known === times) return true
  const count = times.length
  if (known.length !== count) return false
  for (let i = 0; i < count; i++) if (times[i] !== known[i]) return false
  return true
}

/** What becomes of the difference between the first and the last sample of a window. */
export interface Extrapolation {
  /** A counter is not extrapolated below zero. */
  readonly counter: boolean
  /** What a difference is divided by: the seconds of a window for a rate, else 1. */
  readonly divisor: number
}

export function measureSpans(
  spans: Spans,
  times: Float64Array,
  range: RangeVector,
  { counter, divisor }: Extrapolation,
): void {
  const { froms, tos, sampledMs, beforeMs, afterMs, factors, limits } = spans
  const { firstEndMs, stepMs, rangeMs } = range
  spans.times = times
  spans.isFull = true
  spans.mostLimit = 1
  const count = times.length
  let from = 0
  let to = 0
  for (let k = 0; k < froms.length; k++) {
    const endMs = firstEndMs + k * stepMs
    const startMs = endMs - rangeMs
    while (to < count && times[to]! <= endMs) to++
    while (from < to && times[from]! <= startMs) from++
    tos[k] = 0
    if (to - from < 2) {
      spans.isFull = false
      continue
    }
    froms[k] = from
    tos[k] = to
    const firstMs = times[from]!
    const lastMs = times[to - 1]!
    const sampled = lastMs - firstMs
    const intervalMs = sampled / (to - 1 - from)
    const thresholdMs = intervalMs * 1.1
    const toFirstMs = firstMs - startMs
    const fromLastMs = endMs - lastMs
    const before = toFirstMs >= thresholdMs ? intervalMs / 2 : toFirstMs
    const after = fromLastMs >= thresholdMs ? intervalMs / 2 : fromLastMs
    sampledMs[k] = sampled
    beforeMs[k] = before
    afterMs[k] = after
    factors[k] = (sampled + before + after) / sampled / divisor
    // Twice what it would be without rounding.
    const limit = Math.max(1, (2 * before) / sampled)
    limits[k] = counter ? limit : NaN
    if (limit > spans.mostLimit) spans.mostLimit = limit
  }
}

/**
 * What the difference of a counter in window k is multiplied by: it has grown from zero at this pace since zeroMs before
 * its first sample, and not within the window if it started as high as it grew.
 */
export function counterFactor(
  { sampledMs, beforeMs, afterMs, factors }: Spans,
  k: number,
  value: number,
  difference: number,
  divisor: number,
): number {
  const sampled = sampledMs[k]!
  const before = beforeMs[k]!
  if (!(difference > 0 && value >= 0 && (value < difference || before > sampled))) return factors[k]!
  const zeroMs = sampled * (value / difference)
  return zeroMs < before ? (sampled + zeroMs + afterMs[k]!) / sampled / divisor : factors[k]!
}
