import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'

/**
 * Bounds the bodies that are in memory at the same time: being read, decoded, or waiting for the disk. What a request
 * needs on the way is a few times its body.
 */
export interface WriteGate {
  /**
   * Runs the task as soon as there is room for a body of that many bytes, in the order of arrival.
   * @param gone is asked for only when the task has to wait
   * @throws PgherdError BUSY when it would wait too long; the signal's reason when that aborts first
   */
  run<T>(bytes: number, gone: () => AbortSignal, task: () => Promise<T>): Promise<T>
  /** Bytes that have been let in and are not done with. */
  readonly bytes: number
  readonly waiting: number
}

interface Waiting {
  readonly bytes: number
  readonly admit: () => void
}

export function createWriteGate(options: {
  readonly clock: Clock
  readonly maxBytes: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
}): WriteGate {
  let taken = 0
  const queue = new Set<Waiting>()

  // One that is larger than the limit gets in when it is alone.
  const fits = (bytes: number): boolean => taken === 0 || taken + bytes <= options.maxBytes

  const leave = (bytes: number): void => {
    taken -= bytes
    admitWaiting()
  }
  const admitWaiting = (): void => {
    for (const next of queue) {
      if (!fits(next.bytes)) return
      queue.delete(next)
      taken += next.bytes
      next.admit()
    }
  }
  const enter = async (bytes: number, gone: AbortSignal): Promise<void> => {
    gone.throwIfAborted()
    if (queue.size >= options.maxWaiting) throw busy(options.maxBytes)
    const turn = Promise.withResolvers<undefined>()
    const stopWaiting = new AbortController()
    const mine: Waiting = { bytes, admit: () => turn.resolve(undefined) }
    const giveUp = (error: Error): void => {
      // A turn that was granted in the meantime stays granted: leave() must be called for it.
      if (!queue.delete(mine)) return
      turn.reject(error)
      // It may have stood before smaller ones.
      admitWaiting()
    }
    const onAbort = (): void => giveUp(gone.reason as Error)
    queue.add(mine)
    gone.addEventListener('abort', onAbort, { once: true })
    void options.clock.sleep(options.maxWaitMs, stopWaiting.signal).then(() => giveUp(busy(options.maxBytes)))
    try {
      await turn.promise
    } finally {
      stopWaiting.abort('over')
      gone.removeEventListener('abort', onAbort)
    }
  }

  return {
    async run(bytes, gone, task) {
      if (queue.size === 0 && fits(bytes)) taken += bytes
      else await enter(bytes, gone())
      try {
        return await task()
      } finally {
        leave(bytes)
      }
    },
    get bytes() {
      return taken
    },
    get waiting() {
      return queue.size
    },
  }
}

function busy(limit: number): PgherdError {
  return new PgherdError(
    'BUSY',
    `${limit} bytes of samples are being written already, which is the limit; send them again later`,
  )
}
