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

/** `deadlineMs` is a time on the monotonic clock; Infinity for none. */
export function createPacer(clock: Clock, signal: AbortSignal | undefined, deadlineMs: number): Pacer {
  let sliceEndMs = clock.monotonic() + sliceMs
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
    due: () => clock.monotonic() >= sliceEndMs,
    pause: async () => {
      check()
      await nextTurn()
      check()
      sliceEndMs = clock.monotonic() + sliceMs
    },
    check,
  }
}
