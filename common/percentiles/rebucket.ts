/** How far below its edge the calls of the first bucket reach, as a factor: nothing tells where they are. */
const firstReach = 100

/**
 * Puts counts of one histogram into another: those of a bucket are spread evenly over the logarithms between its edges.
 * @param given.edges seconds, rising; `given.counts` has one more: those beyond the last edge, which go beyond all
 * @param counts those up to each of `edges` and above the one before, then those beyond all
 */
export function rebucket(
  given: { readonly edges: readonly number[]; readonly counts: readonly number[] },
  edges: readonly number[],
  counts: Float64Array,
): void {
  for (const [i, count] of given.counts.entries()) {
    if (!(count > 0)) continue
    const high = given.edges[i]
    if (high === undefined) {
      counts[edges.length]! += count
      continue
    }
    const low = given.edges[i - 1] ?? high / firstReach
    const width = Math.log(high / low)
    let below = 0
    for (const [j, edge] of edges.entries()) {
      if (edge <= low) continue
      const upTo = edge >= high ? 1 : Math.log(edge / low) / width
      counts[j]! += count * (upTo - below)
      below = upTo
      if (upTo === 1) break
    }
    counts[edges.length]! += count * (1 - below)
  }
}
