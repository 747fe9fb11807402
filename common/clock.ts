import { setTimeout as sleepTimer } from 'node:timers/promises'

/** Node's timers fire at once when they are given more (24.8 days). */
const longestTimerMs = 2 ** 31 - 1

/** Time as a dependency: tests inject their own, so that none of them has to wait. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number
  /** Monotonic clock, milliseconds from an arbitrary start; the one to measure durations with. */
  monotonic(): number
  /** Resolves after `ms` (at most 24.8 days), or as soon as `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await sleepTimer(Math.min(ms, longestTimerMs), undefined, signal === undefined ? {} : { signal })
    } catch {
      // The abort is the wake-up call: the caller looks at its signal.
    }
  },
}
