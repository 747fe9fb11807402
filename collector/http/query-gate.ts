import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { createRoomGate } from './room-gate.ts'

export interface QueryGate {
  /**
   * Runs the task as soon as fewer than the limit are running.
   * @throws PgherdError OVERLOADED when it would wait too long; the signal's reason when that aborts first
   */
  run<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T>
  readonly running: number
  readonly waiting: number
}

/**
 * Bounds the queries that run at the same time. A dashboard asks for twenty panels at once, so a query waits for
 * its turn a while before it is turned away.
 */
export function createQueryGate(options: {
  readonly clock: Clock
  readonly maxRunning: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
}): QueryGate {
  const { maxRunning, ...rest } = options
  const gate = createRoomGate({
    ...rest,
    room: maxRunning,
    full: () =>
      new PgherdError(
        'OVERLOADED',
        `${maxRunning} queries are running already, which is the limit; try again later`,
      ),
  })
  return {
    async run(signal, task) {
      signal.throwIfAborted()
      return gate.run(1, () => signal, task)
    },
    get running() {
      return gate.taken
    },
    get waiting() {
      return gate.waiting
    },
  }
}
