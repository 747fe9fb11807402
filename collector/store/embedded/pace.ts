import type { Clock } from '../../../common/clock.ts'
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
