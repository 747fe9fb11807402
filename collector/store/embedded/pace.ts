import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { nextTurn } from '../../../common/turn.ts'

/** Cuts long work into slices, so that ingestion and other queries get their turn. */
export interface Pace {
  /** Whether this slice is over; then await rest(). */
  due(): boolean
  rest(): Promise<void>
}

const sliceMs = 4

export function createPace(clock: Clock): Pace {
  let until = clock.monotonic() + sliceMs
  return {
    due: () => clock.monotonic() >= until,
    async rest() {
      await nextTurn()
      until = clock.monotonic() + sliceMs
    },
  }
}

/**
 * Looks at the signal whenever a slice of work is over.
 * @throws PgherdError CANCELLED, also from rest()
 */
export function watched(pace: Pace, signal: AbortSignal | undefined): Pace {
  const check = (): void => {
    if (signal?.aborted === true) throw new PgherdError('CANCELLED', 'the query was cancelled')
  }
  check()
  return {
    due: () => pace.due(),
    async rest() {
      await pace.rest()
      check()
    },
  }
}
