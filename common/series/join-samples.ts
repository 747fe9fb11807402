import type { SeriesSamples } from './samples.ts'

/** One series from pieces of it, at least one, each in time order and none overlapping another, in any order. */
export function joinSamples(pieces: readonly SeriesSamples[]): SeriesSamples {
  if (pieces.length === 1) return pieces[0]!
  const inOrder = [...pieces].sort((a, b) => a.timestamps[0]! - b.timestamps[0]!)
  const count = pieces.reduce((sum, { timestamps }) => sum + timestamps.length, 0)
  const timestamps = new Float64Array(count)
  // Values are moved as bits, for some are stale markers.
  const bits = new BigUint64Array(count)
  let at = 0
  for (const piece of inOrder) {
    timestamps.set(piece.timestamps, at)
    bits.set(new BigUint64Array(piece.values.buffer, piece.values.byteOffset, piece.values.length), at)
    at += piece.timestamps.length
  }
  return { labels: pieces[0]!.labels, timestamps, values: new Float64Array(bits.buffer) }
}
