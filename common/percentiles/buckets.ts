import { shapeOf, partUpTo } from './shape.ts'
import type { Moments } from './moments.ts'

/**
 * Adds calls to a histogram: as many to each bucket as their shape has in it, so that whole calls may fall apart into buckets.
 * @param counts one more than edges: those up to each edge and above the one before, at last those beyond all
 * @param edges seconds, rising
 */
export function addToBuckets(counts: Float64Array, edges: readonly number[], moments: Moments): void {
  const shape = shapeOf(moments)
  if (shape === undefined) return
  let below = 0
  for (let i = firstAtLeast(edges, shape.min); i < edges.length; i++) {
    const upTo = partUpTo(shape, edges[i]!)
    counts[i]! += shape.calls * (upTo - below)
    below = upTo
    if (upTo === 1) return
  }
  counts[edges.length]! += shape.calls * (1 - below)
}

function firstAtLeast(edges: readonly number[], seconds: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (edges[middle]! < seconds) low = middle + 1
    else high = middle
  }
  return low
}
