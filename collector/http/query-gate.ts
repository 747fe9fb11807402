import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'

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
  let running = 0
  const queue = new Set<() => void>()

  const leave = (): void => {
    running -= 1
    const next = queue.values().next()
    if (next.done === true) return
    queue.delete(next.value)
    running += 1
    next.value()
  }

  const enter = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    if (running < options.maxRunning) {
      running += 1
      return
    }
    if (queue.size >= options.maxWaiting) throw overloaded(options.maxRunning)
    const turn = Promise.withResolvers<undefined>()
    const stopWaiting = new AbortController()
    const admit = (): void => turn.resolve(undefined)
    const giveUp = (error: Error): void => {
      // A turn that was granted in the meantime stays granted: leave() must be called for it.
      if (queue.delete(admit)) turn.reject(error)
    }
    const onAbort = (): void => giveUp(signal.reason as Error)
    queue.add(admit)
    signal.addEventListener('abort', onAbort, { once: true })
    void options.clock
      .sleep(options.maxWaitMs, stopWaiting.signal)
      .then(() => giveUp(overloaded(options.maxRunning)))
    try {
      await turn.promise
    } finally {
      stopWaiting.abort()
      signal.removeEventListener('abort', onAbort)
    }
  }

  return {
    async run(signal, task) {
      await enter(signal)
      try {
        return await task()
      } finally {
        leave()
      }
    },
    get running() {
      return running
    },
    get waiting() {
      return queue.size
    },
  }
}

function overloaded(limit: number): PgherdError {
  return new PgherdError(
    'OVERLOADED',
    `${limit} queries are running already, which is the limit; try again later`,
  )
}
