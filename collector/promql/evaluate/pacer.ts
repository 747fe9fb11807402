import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { nextTurn } from '../../../common/turn.ts'

/** Lets a long evaluation share the event loop and end early. */
export interface Pacer {
  /** Whether the evaluation has run for long enough to pause; cheap enough to ask once per series. */
  due(): boolean
  /**
   * Gives the event loop a turn.
   * @throws PgherdError CANCELLED when the signal has aborted, TIMED_OUT when the deadline has passed.
   */
  pause(): Promise<void>
  /** Throws like pause(), without giving up the turn. */
  check(): void
}

const sliceMs = 4
const quickMs = 0.1
const mostLooks = 16

/** `deadlineMs` is a time on the monotonic clock; Infinity for none. */
export function createPacer(clock: Clock, signal: AbortSignal | undefined, deadlineMs: number): Pacer {
  let lastMs = clock.monotonic()
  let sliceEndMs = lastMs + sliceMs
  // Where one look follows the other in no time, not each of them asks for the time.
  let looksPerTime = 1
  let looks = 0
  const check = (): void => {
    if (signal?.aborted === true) {
      // Whoever aborts with an error of the catalogue has said why.
      if (signal.reason instanceof PgherdError) throw signal.reason
      throw new PgherdError('CANCELLED', 'query was canceled in expression evaluation', {
        cause: signal.reason,
      })
    }
    if (clock.monotonic() >= deadlineMs) {
      throw new PgherdError('TIMED_OUT', 'query timed out in expression evaluation')
    }
  }
  return {
    due: () => {
      if (++looks < looksPerTime) return false
      const nowMs = clock.monotonic()
      looksPerTime = nowMs - lastMs < quickMs ? Math.min(mostLooks, looksPerTime * 2) : 1
      looks = 0
      lastMs = nowMs
      return nowMs >= sliceEndMs
    },
    pause: async () => {
      check()
      await nextTurn()
      check()
      lastMs = clock.monotonic()
      sliceEndMs = lastMs + sliceMs
    },
    check,
  }
}
