import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../common/clock.ts'

/** Work at a stretch that does not keep the rest of the agent waiting. */
const stretchMs = 2

/** Cuts long work into stretches and adds up what they took. */
export interface Pauses {
  /** A promise when it is time to let others work, else nothing. */
  readonly pause: () => Promise<void> | undefined
  /** Time at work, pauses left out. */
  readonly busyMs: () => number
}

/** @returns pauses whose first stretch starts now */
export function createPauses(clock: Clock): Pauses {
  let startedMs = clock.monotonic()
  let busyMs = 0
  return {
    pause() {
      const stretch = clock.monotonic() - startedMs
      if (stretch < stretchMs) return undefined
      busyMs += stretch
      return setImmediate().then(() => {
        startedMs = clock.monotonic()
      })
    },
    busyMs: () => busyMs + clock.monotonic() - startedMs,
  }
}
