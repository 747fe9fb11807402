import type { Clock } from '../common/clock.ts'

/** A clock that stands still until a test moves it; sleepers wake in the order of their time. */
export interface ManualClock extends Clock {
  advance(ms: number): Promise<void>
  /** The wall clock is set by so much, while the monotonic one stays. */
  jump(ms: number): void
  readonly sleepers: number
}

export function createManualClock(startMs = 0): ManualClock {
  let nowMs = startMs
  let wallMs = 0
  const sleeping = new Set<{ readonly untilMs: number; readonly wake: () => void }>()
  return {
    now: () => nowMs + wallMs,
    monotonic: () => nowMs,
    sleep(ms, signal) {
      if (signal?.aborted === true) return Promise.resolve()
      return new Promise((resolve) => {
        const sleeper = {
          untilMs: nowMs + ms,
          wake: () => {
            sleeping.delete(sleeper)
            resolve()
          },
        }
        sleeping.add(sleeper)
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      })
    },
    async advance(ms) {
      const untilMs = nowMs + ms
      for (;;) {
        await settled()
        const [next] = [...sleeping].sort((a, b) => a.untilMs - b.untilMs)
        if (next === undefined || next.untilMs > untilMs) break
        nowMs = Math.max(nowMs, next.untilMs)
        next.wake()
      }
      nowMs = untilMs
      await settled()
    },
    jump(ms) {
      wallMs += ms
    },
    get sleepers() {
      return sleeping.size
    },
  }
}

/** Everything that needs no more time has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}
