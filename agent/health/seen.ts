import type { Clock } from '../../common/clock.ts'

/** One moment on both clocks: the one that measures durations stands still while a machine is suspended, the other is set. */
export interface Moment {
  /** Milliseconds from an arbitrary start. */
  readonly monotonicMs: number
  /** Milliseconds since the epoch. */
  readonly wallMs: number
}

/** What was seen, when, and for how long it may be believed. */
export interface Seen<T> {
  readonly value: T
  readonly at: Moment
  readonly validMs: number
}

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonic(), wallMs: clock.now() }
}

/** Milliseconds by the clock that says more: an observation from before a suspension is old, whatever timers say. */
export function ageMs(at: Moment, now: Moment): number {
  return Math.max(now.monotonicMs - at.monotonicMs, now.wallMs - at.wallMs)
}

/** The value, unless it is older than its deadline. */
export function fresh<T>(seen: Seen<T> | undefined, now: Moment): T | undefined {
  return seen !== undefined && ageMs(seen.at, now) <= seen.validMs ? seen.value : undefined
}
