import type { Bucket, GaugeSpan } from '../observe/observation.ts'

/** Buckets with no more between them are one stretch. */
const seamMs = 60_000

/** Makes longer buckets of short ones that come one after the other, the oldest first. */
export interface BucketMerger {
  /** @returns what is finished by it */
  push(bucket: Bucket): Bucket | undefined
  end(): Bucket | undefined
}

/**
 * Loses no growth of any counter: what a restart, a reset or a gap parts stays apart, and so does the first behind one, which the next
 * is compared with.
 * @param lengthMs - of what they become: of an hour, those that begin in the same hour
 */
export function createBucketMerger(lengthMs: number): BucketMerger {
  let merged: Bucket | undefined
  let isFirst = true
  return {
    push(bucket) {
      const goesOn = merged !== undefined && isOneStretch(merged, bucket)
      const isSameSpan =
        merged !== undefined && Math.floor(merged.fromMs / lengthMs) === Math.floor(bucket.fromMs / lengthMs)
      if (merged !== undefined && goesOn && isSameSpan && !isFirst) {
        merged = joined(merged, bucket)
        return undefined
      }
      const finished = merged
      merged = bucket
      isFirst = !goesOn
      return finished
    },
    end: () => merged,
  }
}

function isOneStretch(a: Bucket, b: Bucket): boolean {
  return (
    b.fromMs - a.toMs <= seamMs &&
    a.serverStartMs === b.serverStartMs &&
    a.inRecovery === b.inRecovery &&
    a.counters.size === b.counters.size &&
    [...a.counters].every(([name, value]) => (b.counters.get(name) ?? -Infinity) >= value)
  )
}

function joined(a: Bucket, b: Bucket): Bucket {
  const gauges = new Map(a.gauges)
  for (const [name, span] of b.gauges) gauges.set(name, joinSpans(gauges.get(name), span))
  return { ...b, fromMs: a.fromMs, gauges }
}

/** What a gauge was in two stretches, the older first. */
export function joinSpans(a: GaugeSpan | undefined, b: GaugeSpan): GaugeSpan {
  if (a === undefined) return b
  return { count: a.count + b.count, sum: a.sum + b.sum, max: Math.max(a.max, b.max), last: b.last }
}
