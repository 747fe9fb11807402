import type { Clock } from '../../common/clock.ts'
import type { CommandView } from '../../common/command/command-view.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CommandBook } from './command-book.ts'
import type { CommandViews } from './command-views.ts'

export interface WaitRequest {
  readonly ids: readonly string[]
  readonly after: number
  readonly timeoutMs: number
}

/** Answers when one of the commands is newer than `after`, or with nothing when the time is over. */
export type WaitForCommands = (request: WaitRequest, signal: AbortSignal) => Promise<CommandView[]>

const maxWaiting = 500

/**
 * What changes together is answered together: a thousand commands end within moments of each other, and each answer costs
 * what it costs to look at all that are waited for.
 */
const gatherMs = (ids: number) => 20 + ids / 8

/** @throws PgherdError of the function: NOT_FOUND for an id that is not known, OVERLOADED */
export function createWaiting(options: {
  readonly clock: Clock
  readonly book: CommandBook
  readonly views: CommandViews
  readonly isKnown: (ids: readonly string[]) => string | undefined
}): WaitForCommands {
  const { clock, book, views } = options
  let waiting = 0

  return async ({ ids, after, timeoutMs }, signal) => {
    const unknown = options.isKnown(ids)
    if (unknown !== undefined) throw new PgherdError('NOT_FOUND', `there is no command ${unknown}`)
    const changed = views.changed(ids, after)
    if (changed.length > 0 || timeoutMs === 0) return changed
    if (waiting >= maxWaiting) {
      throw new PgherdError('OVERLOADED', `${waiting} requests wait for commands already`)
    }
    waiting++
    const wanted = new Set(ids)
    const woken = new AbortController()
    const watch = book.watch((id) => {
      if (wanted.has(id)) woken.abort()
    })
    try {
      await clock.sleep(timeoutMs, AbortSignal.any([woken.signal, signal]))
      if (!woken.signal.aborted) return []
      await clock.sleep(gatherMs(ids.length), signal)
      return views.changed(ids, after)
    } finally {
      watch[Symbol.dispose]()
      waiting--
    }
  }
}
