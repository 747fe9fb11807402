import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { Session } from './session.ts'

/** A cancel may come before the statement that it is meant for, so it is repeated. */
const repeatMs = 250
/** After so much silence the connection is given up: its backend ends when it gets that far. */
const confirmMs = 3_000

/**
 * The result of `work` on a session; after an abort the statement is cancelled on the server, and its backend is waited for. A
 * result that came all the same is the result: what was done is done. A console cannot cancel, so it is left.
 * @throws PgherdError what `work` throws; after an abort the signal's reason when it is a PgherdError, else CANCELLED
 */
export async function untilFree<T>(
  work: () => Promise<T>,
  about: {
    readonly signal: AbortSignal
    readonly clock: Clock
    readonly session: Session
    readonly isConsole: boolean
  },
): Promise<T> {
  const { signal, clock, session, isConsole } = about
  const result = work()
  const settled = result.then(
    () => undefined,
    () => undefined,
  )
  const aborted = new Promise<unknown>((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', resolve, { once: true })
  })
  await Promise.race([settled, aborted])
  if (!signal.aborted) return result
  const untilMs = clock.monotonic() + confirmMs
  do {
    if (isConsole) await session.leave()
    else void session.cancel(repeatMs).catch(() => undefined)
    if ((await withinDeadline(settled, repeatMs, clock)) !== late) return orCancelled(result, signal)
  } while (clock.monotonic() < untilMs)
  await session.leave()
  throw new PgherdError(
    'CANCELLED',
    `the server did not confirm within ${confirmMs / 1000} s that it has cancelled; the connection was given up`,
  )
}

/** What an abort means for whoever waits. */
export function cancelledBy(signal: AbortSignal): PgherdError {
  if (signal.reason instanceof PgherdError) return signal.reason
  return new PgherdError('CANCELLED', 'it was cancelled, and the server has stopped working on it')
}

/** An error of the statement itself stays one, also when it came after the abort, and so does a server's silence. */
async function orCancelled<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await result
  } catch (error) {
    const { code, details } = toPgherdError(error)
    const isSilence = code === 'TIMED_OUT' && details['sqlstate'] === undefined
    throw code === 'PROBE_FAILED' || isSilence ? error : cancelledBy(signal)
  }
}
