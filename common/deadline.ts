import type { Clock } from './clock.ts'

/** What `withinDeadline` gives instead of a result that did not come in time. */
export const late = Symbol('late')

/** Given as reason, because an abort without one makes an error with its stack. */
const over = Symbol('over')

/**
 * The result of `work`, or `late` after `timeoutMs`. The work itself goes on: who starts something that can
 * hang has to end it, and its later result or error is ignored.
 */
export async function withinDeadline<T>(
  work: Promise<T>,
  timeoutMs: number,
  clock: Clock,
): Promise<T | typeof late> {
  const done = new AbortController()
  work.catch(() => undefined)
  try {
    return await Promise.race([work, clock.sleep(timeoutMs, done.signal).then((): typeof late => late)])
  } finally {
    done.abort(over)
  }
}
