/**
 * The q-quantile of values[0] ... values[count - 1], interpolated linearly between the two nearest ranks; sorts
 * them in place. NaN counts as the smallest value; q below 0 gives -Inf, above 1 +Inf.
 */
export function quantileOf(q: number, values: Float64Array, count: number): number {
  if (count === 0 || Number.isNaN(q)) return NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  const used = values.subarray(0, count)
  // Typed arrays sort numerically with NaN last; rank 0 has to be the first NaN.
  used.sort()
  let nans = 0
  while (nans < count && Number.isNaN(used[count - 1 - nans]!)) nans++
  const at = (rank: number): number => (rank < nans ? NaN : used[rank - nans]!)
  const rank = q * (count - 1)
  const lower = Math.floor(rank)
  const upper = Math.min(count - 1, lower + 1)
  const weight = rank - lower
  return at(lower) * (1 - weight) + at(upper) * weight
}

/** Whether q is outside of [0, 1], which earns a warning. */
export function isUnusualQuantile(q: number): boolean {
  return !(q >= 0 && q <= 1)
}
