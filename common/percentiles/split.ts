import type { Moments } from './moments.ts'

/** What a statistic that only grows knows of all calls so far. Seconds. */
export interface CallsSoFar {
  readonly calls: number
  readonly sum: number
  /** Standard deviation, of the population. */
  readonly deviation: number
  readonly min: number
  readonly max: number
}

/** What double precision leaves of a sum of that size, with room for the eight operations that made it. */
const precision = 8 * 2 ** -52

/**
 * The calls between two looks at such a statistic. The sum of squared distances from the mean is split as two such sums are joined:
 * T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979),
 * equation 2.1. What the numbers before leave no digits for counts as no variance. It never exceeds what values between the
 * shortest and the longest can have: R. Bhatia, C. Davis, "A Better Bound on the Variance" (2000).
 *
 * @param before undefined where the statistic began in between
 * @returns undefined where there were no calls, or where `after` is no continuation of `before`
 */
export function momentsBetween(before: CallsSoFar | undefined, after: CallsSoFar): Moments | undefined {
  const calls = after.calls - (before?.calls ?? 0)
  const sum = after.sum - (before?.sum ?? 0)
  if (!(calls >= 1) || !(sum >= 0)) return undefined
  const mean = sum / calls
  const { min, max } = after
  const distances = calls === 1 ? 0 : distancesBetween(before, after, { calls, mean })
  const widest = calls * Math.max(0, max - mean) * Math.max(0, mean - min)
  const ofMean = calls * mean * mean
  if (!Number.isFinite(ofMean)) return undefined
  const squares = ofMean + (distances > 0 ? Math.min(distances, widest) || 0 : 0)
  if (!Number.isFinite(squares)) return undefined
  return { calls, sum, squares, min: Math.min(min, mean), max: Math.max(max, mean) }
}

function distancesBetween(
  before: CallsSoFar | undefined,
  after: CallsSoFar,
  between: { readonly calls: number; readonly mean: number },
): number {
  const all = after.calls * after.deviation ** 2
  if (before === undefined || before.calls === 0) return all
  const meanBefore = before.sum / before.calls
  const apart = (between.mean - meanBefore) ** 2 * ((before.calls * between.calls) / after.calls)
  const distances = all - before.calls * before.deviation ** 2 - apart
  const meanAfter = after.sum / after.calls
  const noise = precision * after.calls * (after.deviation ** 2 + meanAfter ** 2)
  return distances < noise ? 0 : distances
}
