import type { Clock } from '../../common/clock.ts'
import type { PgherdError } from '../../common/errors.ts'

/** Bounds what is under way at the same time, by a size that each piece of work states: bytes, or simply one. */
export interface RoomGate {
  /**
   * Runs the task as soon as there is room for it, in the order of arrival.
   * @param gone is asked for only when the task has to wait
   * @throws what `full` gives when it would wait too long; the signal's reason when that aborts first
   */
  run<T>(size: number, gone: () => AbortSignal, task: () => Promise<T>): Promise<T>
  /** The sizes of all that has been let in and is not done with. */
  readonly taken: number
  readonly waiting: number
}

interface Waiting {
  readonly size: number
  readonly admit: () => void
}

export function createRoomGate(options: {
  readonly clock: Clock
  /** Of all together; a single one that is larger gets in when it is alone. */
  readonly room: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
  /** The error for whom there is no room. */
  readonly full: () => PgherdError
}): RoomGate {
  let taken = 0
  const queue = new Set<Waiting>()

  const fits = (size: number): boolean => taken === 0 || taken + size <= options.room

  const leave = (size: number): void => {
    taken -= size
    admitWaiting()
  }
  const admitWaiting = (): void => {
    for (const next of queue) {
      if (!fits(next.size)) return
      queue.delete(next)
      taken += next.size
      next.admit()
    }
  }
  const enter = async (size: number, gone: AbortSignal): Promise<void> => {
    gone.throwIfAborted()
    if (queue.size >= options.maxWaiting) throw options.full()
    const turn = Promise.withResolvers<undefined>()
    const stopWaiting = new AbortController()
    const mine: Waiting = { size, admit: () => turn.resolve(undefined) }
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
    void options.clock.sleep(options.maxWaitMs, stopWaiting.signal).then(() => giveUp(options.full()))
    try {
      await turn.promise
    } finally {
      stopWaiting.abort('over')
      gone.removeEventListener('abort', onAbort)
    }
  }

  return {
    async run(size, gone, task) {
      if (queue.size === 0 && fits(size)) taken += size
      else await enter(size, gone())
      try {
        return await task()
      } finally {
        leave(size)
      }
    },
    get taken() {
      return taken
    },
    get waiting() {
      return queue.size
    },
  }
}
