import type { Bucket, GaugeSpan, Observation } from '../observe/observation.ts'
import { joinSpans } from './merge-buckets.ts'

/** The stretch of a server that is under way. */
export interface OpenBucket {
  /** A look at what changes by the moment. */
  add(look: Observation): void
  /**
   * Ends it by a look at everything, and begins the next one. Without a stretch that leads up to it (the first look, or one after a
   * restart) it is empty of time: what the next one is compared with.
   */
  close(look: Observation): Bucket
}

/** @param longestGapMs - between two looks; what is longer was not observed */
export function createOpenBucket(longestGapMs: number): OpenBucket {
  let fromMs = NaN
  let latest: Observation | undefined
  let gauges = new Map<string, GaugeSpan>()

  const add = (look: Observation): void => {
    const isSame =
      latest !== undefined &&
      latest.serverStartMs === look.serverStartMs &&
      latest.inRecovery === look.inRecovery &&
      look.atMs >= latest.atMs &&
      look.atMs - latest.atMs <= longestGapMs
    if (!isSame) {
      fromMs = look.atMs
      gauges = new Map()
    }
    latest = look
    for (const [name, value] of look.gauges) {
      gauges.set(name, joinSpans(gauges.get(name), { count: 1, sum: value, max: value, last: value }))
    }
  }

  return {
    add,
    close(look) {
      add(look)
      const { atMs: toMs, serverStartMs, inRecovery, counters } = look
      const bucket = { fromMs, toMs, serverStartMs, inRecovery, counters, gauges }
      fromMs = toMs
      gauges = new Map()
      return bucket
    },
  }
}
