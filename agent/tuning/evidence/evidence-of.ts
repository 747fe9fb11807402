import type { Bucket, GaugeSpan, Observation } from '../observe/observation.ts'
import type { Evidence } from './evidence.ts'
import { weightedPercentile } from './weighted-percentile.ts'

/** What is missing between two buckets may be as long, milliseconds: an agent that was started anew loses its open bucket. */
const bridgedMs = 600_000
const hourMs = 3_600_000

/** How much a counter grew in how much time. */
interface Growth {
  readonly by: number
  readonly seconds: number
}

/**
 * The evidence of a stretch of a server's history.
 *
 * A counter's growth is counted from the end of a bucket to the end of the next. Left out, with its time, is one in which the server was
 * started anew, in which the counter fell (it was reset, or a part of a sum is gone, such as a dropped database), or that spans a longer gap.
 * @param buckets - the oldest first
 * @returns undefined of none
 */
export function evidenceOf(buckets: readonly Bucket[]): Evidence | undefined {
  const first = buckets[0]
  const latest = buckets.at(-1)
  if (first === undefined || latest === undefined) return undefined
  const pairs = buckets.slice(1).flatMap((now, i) => {
    const before = buckets[i]!
    const isOne = now.serverStartMs === before.serverStartMs && now.fromMs - before.toMs <= bridgedMs
    return isOne ? [{ before, now, seconds: (now.toMs - before.toMs) / 1000 }] : []
  })
  const growth = (counter: string): readonly Growth[] =>
    pairs.flatMap(({ before, now, seconds }) => {
      const from = before.counters.get(counter)
      const to = now.counters.get(counter)
      return from === undefined || to === undefined || to < from ? [] : [{ by: to - from, seconds }]
    })
  const spans = (gauge: string): readonly { readonly span: GaugeSpan; readonly bucket: Bucket }[] =>
    buckets.flatMap((bucket) => {
      const span = bucket.gauges.get(gauge)
      return span === undefined || span.count === 0 ? [] : [{ span, bucket }]
    })

  return {
    fromMs: first.fromMs,
    toMs: latest.toMs,
    hours: buckets.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / hourMs,
    hoursSinceStart: Math.max(0, latest.toMs - latest.serverStartMs) / hourMs,
    inRecovery: latest.inRecovery,
    increase(counter) {
      const grown = growth(counter)
      return grown.length === 0 ? undefined : grown.reduce((sum, { by }) => sum + by, 0)
    },
    perSecond(counter) {
      const grown = growth(counter)
      const seconds = grown.reduce((sum, one) => sum + one.seconds, 0)
      return seconds > 0 ? grown.reduce((sum, { by }) => sum + by, 0) / seconds : undefined
    },
    peakPerSecond(counter) {
      const rates = growth(counter).flatMap(({ by, seconds }) =>
        seconds > 0 ? [{ value: by / seconds, weight: seconds }] : [],
      )
      return weightedPercentile(rates, 0.95)
    },
    mean(gauge) {
      const all = spans(gauge)
      const count = all.reduce((sum, { span }) => sum + span.count, 0)
      return count > 0 ? all.reduce((sum, { span }) => sum + span.sum, 0) / count : undefined
    },
    max(gauge) {
      const all = spans(gauge)
      return all.length === 0
        ? undefined
        : all.reduce((most, { span }) => Math.max(most, span.max), -Infinity)
    },
    usualMax(gauge) {
      // An hour that was merged counts as its buckets did.
      const largest = spans(gauge).map(({ span, bucket }) => ({
        value: span.max,
        weight: Math.max(1, bucket.toMs - bucket.fromMs),
      }))
      return weightedPercentile(largest, 0.99)
    },
    last: (gauge) => spans(gauge).at(-1)?.span.last,
  }
}

/**
 * The same of single looks, for an advice before there is a history. The first is what the others are compared with.
 * @param observations - the oldest first
 */
export function evidenceOfLooks(observations: readonly Observation[]): Evidence | undefined {
  return evidenceOf(
    observations.map((now, i) => ({
      ...now,
      fromMs: observations[i - 1]?.atMs ?? now.atMs,
      toMs: now.atMs,
      gauges: new Map(
        [...now.gauges].map(([name, value]) => [name, { count: 1, sum: value, max: value, last: value }]),
      ),
    })),
  )
}
