import { mixturePercentile } from './mixture.ts'
import { addMoments, variationOf, varianceOf } from './moments.ts'
import type { Moments } from './moments.ts'
import { shapeOf } from './shape.ts'

/** A percentile of durations, with how it came about and how far it can be trusted. Seconds. */
export interface PercentileEstimate {
  readonly value: number
  /** `pgss-lognormal` from sums that pg_stat_statements gives, `pgsm-histogram` from counts that pg_stat_monitor gives. */
  readonly method: 'pgss-lognormal' | 'pgsm-histogram'
  readonly calls: number
  /** Standard deviation by mean; null where it is not known. */
  readonly cv: number | null
  /** The percentile of these calls is not below or above, whatever the shape of their durations. */
  readonly lo: number
  readonly hi: number
  /**
   * `high`: the bounds leave no room for an error of more than the double or the half. `low`: the variation is above 3, which is
   * no smooth shape, or there are too few calls for one of them to be beyond the percentile. `medium`: anything else, which is
   * right for smooth shapes only.
   */
  readonly confidence: 'high' | 'medium' | 'low'
  readonly partial: boolean
}

/** Of fewer calls a percentile says nothing. */
export const fewestCalls = 20

const unevenVariation = 3

/**
 * A percentile of all calls of all parts: different queries, or one after the other of the same. The finer the parts, the better.
 * Each is taken for lognormal.
 * @param quantile 0.95 for p95
 * @returns undefined for fewer than 20 calls
 */
export function estimatePercentile(
  parts: readonly Moments[],
  quantile: number,
): PercentileEstimate | undefined {
  const whole = addMoments(parts)
  if (!(whole.calls >= fewestCalls)) return undefined
  const shapes = parts.flatMap((part) => shapeOf(part) ?? [])
  const { lo, hi } = boundsOf(whole, quantile)
  const value = Math.min(hi, Math.max(lo, mixturePercentile(shapes, quantile)))
  const cv = variationOf(whole) ?? null
  return {
    value,
    method: 'pgss-lognormal',
    calls: whole.calls,
    cv,
    lo,
    hi,
    confidence: confidenceIn({ value, lo, hi, cv, beyond: whole.calls * (1 - quantile) }),
    partial: whole.partial === true,
  }
}

/**
 * What holds for any shape: Cantelli's inequality on both sides, Markov's, and the shortest and the longest call. Of the calls as
 * they were, so the moments are exact.
 */
export function boundsOf(moments: Moments, quantile: number): { readonly lo: number; readonly hi: number } {
  const mean = moments.sum / moments.calls
  const deviation = Math.sqrt(varianceOf(moments))
  const odds = Math.sqrt(quantile / (1 - quantile))
  const lo = Math.max(0, moments.min ?? 0, mean - deviation / odds)
  const hi = Math.min(moments.max ?? Infinity, mean + deviation * odds, mean / (1 - quantile))
  return { lo: Math.min(lo, hi), hi }
}

/** @param of.beyond calls that are longer than the percentile */
export function confidenceIn(of: {
  readonly value: number
  readonly lo: number
  readonly hi: number
  readonly cv: number | null
  readonly beyond: number
}): 'high' | 'medium' | 'low' {
  if (of.cv === null || of.cv > unevenVariation || of.beyond < 1 - 1e-9) return 'low'
  return of.hi <= 2 * of.value && 2 * of.lo >= of.value ? 'high' : 'medium'
}
