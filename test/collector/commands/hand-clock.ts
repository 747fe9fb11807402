import type { Clock } from '../../../common/clock.ts'

/** Time that passes only when told; sleepers wake when their time has come. */
export function handClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = 1_790_000_000_000
  const sleepers = new Set<{ due: number; wake: () => void }>()
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          due: now + ms,
          wake: () => {
            sleepers.delete(sleeper)
            resolve()
          },
        }
        sleepers.add(sleeper)
        if (signal?.aborted === true) sleeper.wake()
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      }),
    async advance(ms) {
      const target = now + ms
      while (now < target) {
        now = Math.min(target, now + 1_000)
        for (const sleeper of sleepers) if (sleeper.due <= now) sleeper.wake()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}
