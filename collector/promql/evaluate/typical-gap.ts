import type { RangeSeries } from './values.ts'

/** Enough to see through a few missed scrapes. */
const gapsLookedAt = 20

/**
 * The usual time between two samples, in milliseconds: for each series the 0.6 quantile of its latest gaps, and of
 * all series the longest; 0 where no series has two samples.
 */
export function typicalGapMs(series: readonly RangeSeries[]): number {
  let longest = 0
  const gaps = new Float64Array(gapsLookedAt)
  for (const { timestamps } of series) {
    const count = Math.min(gapsLookedAt, timestamps.length - 1)
    if (count < 1) continue
    const last = timestamps.length - 1
    for (let i = 0; i < count; i++) gaps[i] = timestamps[last - i]! - timestamps[last - i - 1]!
    const sorted = gaps.subarray(0, count).sort()
    longest = Math.max(longest, sorted[Math.floor(0.6 * (count - 1))]!)
  }
  return longest
}
