export interface Weighted {
  readonly value: number
  /** Not negative. */
  readonly weight: number
}

/**
 * The smallest value at or below which lies this share of all weight (nearest rank); undefined of none.
 * @param share - above 0, at most 1
 */
export function weightedPercentile(values: readonly Weighted[], share: number): number | undefined {
  const ordered = values.toSorted((a, b) => a.value - b.value)
  const wanted = share * ordered.reduce((sum, { weight }) => sum + weight, 0)
  let reached = 0
  for (const { value, weight } of ordered) {
    reached += weight
    if (reached >= wanted) return value
  }
  return ordered.at(-1)?.value
}
