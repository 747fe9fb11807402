import { setTimeout as sleepTimer } from 'node:timers/promises'

/** Time as a dependency: tests inject their own, so that none of them has to wait. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number
  /** Monotonic clock, milliseconds from an arbitrary start; the one to measure durations with. */
  monotonic(): number
  /** Resolves after `ms`, or as soon as `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await sleepTimer(ms, undefined, signal === undefined ? {} : { signal })
    } catch {
      // The abort is the wake-up call: the caller looks at its signal.
    }
  },
}
