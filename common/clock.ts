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
  // Not node:timers/promises: there an abort makes an error with its stack, and deadlines end so many times a second.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.min(ms, longestTimerMs))
      signal?.addEventListener('abort', wake)
    }),
}
