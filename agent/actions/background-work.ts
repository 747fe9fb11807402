import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'

/** What commands do behind the back of who asked for it, and what has to be done before the files may be closed. */
export interface BackgroundWork {
  start(work: () => Promise<void>): void
  /** Tries again until it is written, or the agent stops. Never rejects. @returns false when the agent stopped before */
  persist(what: string, write: () => Promise<void>): Promise<boolean>
  /** When all that was started is over. */
  over(): Promise<void>
}

export function createBackgroundWork(options: {
  readonly clock: Clock
  readonly log: Log
  readonly stopping: AbortSignal
  readonly retryMs: number
}): BackgroundWork {
  const { clock, log, stopping, retryMs } = options
  const pending = new Set<Promise<void>>()
  return {
    start(work) {
      const done = work().catch((error: unknown) => {
        log.error({ error: messageOf(error) }, 'commands: an unexpected failure')
      })
      pending.add(done)
      void done.finally(() => pending.delete(done))
    },
    async persist(what, write) {
      for (let first = true; ; first = false) {
        try {
          await write()
          return true
        } catch (error) {
          log[first ? 'error' : 'debug'](
            { error: messageOf(error) },
            `commands: ${what} could not be written`,
          )
        }
        if (stopping.aborted) return false
        await clock.sleep(retryMs, stopping)
      }
    },
    async over() {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}
