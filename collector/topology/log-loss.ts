import type { LogTrail } from './log-trail.ts'
import { printBytes, printSeconds } from './print-figures.ts'

/** What is known at a change of the primary of the log that only the old one had. */
export interface LossEvidence {
  readonly from: string
  readonly to: string
  readonly kind: 'failover' | 'switchover'
  /** Of the old one. */
  readonly trail: Pick<LogTrail, 'position' | 'seenMs' | 'bytesPerSecond'>
  /** Since when the old one writes nothing, on the collector's clock: `still` while it does, null where nothing bounds it. */
  readonly writesUntilMs: number | 'still' | null
  /** Where the log of the old one ends on the new one; null where that is not known. */
  readonly endOnNew: number | null
  /** Commits waited for the new one. */
  readonly isSynchronous: boolean
}

export interface Loss {
  /** Bytes of log: the most that the new one may lack of what was acknowledged; null where nothing bounds it. */
  readonly lostBytes: number | null
  /** Half a sentence. */
  readonly text: string
}

/**
 * A server that wrote little may begin to write much after its last report: nothing was lost is said only where commits waited. Bytes
 * per second.
 */
const leastAssumedRate = 2 ** 20

/**
 * What the old primary had when it was seen last, and what it may have written from then until it stopped at the highest
 * rate that was seen of it, or a mebibyte a second if that is more, less what the new one had when it was promoted.
 */
export function lossOf(evidence: LossEvidence): Loss {
  const { from, to, kind, trail, writesUntilMs, endOnNew, isSynchronous } = evidence
  if (isSynchronous) {
    return {
      lostBytes: 0,
      text: `nothing that was acknowledged is lost: commits waited for ${to} (synchronous mode)`,
    }
  }
  if (trail.position === null || endOnNew === null) {
    return { lostBytes: null, text: 'what was lost is not known' }
  }
  const missing = Math.max(0, trail.position - endOnNew)
  if (writesUntilMs === 'still') {
    return {
      lostBytes: null,
      text: `${from} goes on writing, and ${printBytes(missing)} of its log is missing on ${to} so far`,
    }
  }
  const had = `${missing === 0 ? 'nothing' : printBytes(missing)} of the log that ${from} had when it was seen last is missing on ${to}`
  if (kind === 'switchover') return { lostBytes: missing, text: had }
  const seen = trail.bytesPerSecond()
  if (writesUntilMs === null || seen === null) {
    return { lostBytes: null, text: `${had}; what ${from} wrote after that is not known` }
  }
  const rate = Math.max(seen, leastAssumedRate)
  const afterMs = Math.max(0, writesUntilMs - trail.seenMs)
  const lostBytes = Math.max(missing, Math.ceil(trail.position + (rate * afterMs) / 1_000 - endOnNew))
  const more = lostBytes > missing ? `; at most ${printBytes(lostBytes)}` : '; no more'
  const how = `with what it may have written in the ${printSeconds(afterMs)} after that, at ${printBytes(rate)}/s${rate > seen ? ' (less was seen)' : ''}`
  return { lostBytes, text: `${had}${more} ${how}` }
}
