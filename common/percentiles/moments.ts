/** Durations of some calls, as sums that add exactly. Seconds. */
export interface Moments {
  readonly calls: number
  readonly sum: number
  /** The sum of their squares. */
  readonly squares: number
  /** None was shorter or longer, as far as that is known. */
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** Whether some of the calls are missing. */
  readonly partial?: boolean | undefined
}

/** All calls of all parts. What only some parts know of the shortest and the longest is not known of the whole. */
export function addMoments(parts: readonly Moments[]): Moments {
  let calls = 0
  let sum = 0
  let squares = 0
  let min: number | undefined = Infinity
  let max: number | undefined = 0
  let partial = false
  for (const part of parts) {
    if (part.partial === true) partial = true
    if (!(part.calls > 0)) continue
    calls += part.calls
    sum += part.sum
    squares += part.squares
    min = min === undefined || part.min === undefined ? undefined : Math.min(min, part.min)
    max = max === undefined || part.max === undefined ? undefined : Math.max(max, part.max)
  }
  return calls > 0 ? { calls, sum, squares, min, max, partial } : { calls, sum, squares, partial }
}

/** Population variance, never below 0; 0 without calls. */
export function varianceOf({ calls, sum, squares }: Moments): number {
  if (!(calls > 0)) return 0
  const mean = sum / calls
  return Math.max(0, squares / calls - mean * mean)
}

/** Standard deviation by mean; undefined without calls, and where all took no time. */
export function variationOf(moments: Moments): number | undefined {
  if (!(moments.calls > 0) || !(moments.sum > 0)) return undefined
  return (Math.sqrt(varianceOf(moments)) * moments.calls) / moments.sum
}
