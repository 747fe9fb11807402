import type { Clock } from '../../../common/clock.ts'

/** A step of the wall clock that is less than this is no reason to doubt it: time servers make such steps. */
const toleranceMs = 60_000

/**
 * The moment that the retention goes by. What it removes does not come back, so a wall clock that has leapt forwards,
 * or is ahead of all samples after a start, is only believed when it has kept its distance to the monotonic clock for
 * `patienceMs`; until then time passes as the monotonic clock has it. A step back is believed at once.
 * @param newestMs time of the newest sample; undefined when there is none
 */
export function createRetentionClock(
  clock: Clock,
  patienceMs: number,
  newestMs: number | undefined,
): () => number {
  let believed = Math.min(clock.now(), newestMs ?? Infinity)
  let seenAt = clock.monotonic()
  /** Since when the wall clock has been so far ahead of the monotonic one. */
  let leap: { readonly since: number; readonly ahead: number } | undefined
  return () => {
    const now = clock.now()
    const monotonic = clock.monotonic()
    const expected = believed + monotonic - seenAt
    seenAt = monotonic
    const ahead = now - monotonic
    if (leap === undefined || Math.abs(ahead - leap.ahead) > toleranceMs) leap = { since: monotonic, ahead }
    const isBelieved = now <= expected + toleranceMs || monotonic - leap.since >= patienceMs
    believed = isBelieved ? now : expected
    return believed
  }
}
