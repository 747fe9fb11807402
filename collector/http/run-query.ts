import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { QueryGate } from './query-gate.ts'
import { invalidParameter } from './request-parameters.ts'
import type { QueryOptions } from './query-service.ts'

/** Made once: an abort without a reason makes an error with a stack each time. */
const over = new PgherdError('CANCELLED', 'the query has ended')

/**
 * Runs a query in its turn and until its deadline. The answer is not waited for once the client is gone or the
 * time is over, but the place in the gate stays taken until the query really ends.
 * @param gone aborts when the client has closed its connection
 * @throws PgherdError TIMED_OUT, CANCELLED, OVERLOADED and what the task throws
 */
export async function runQuery<T>(
  parts: {
    readonly clock: Clock
    readonly gate: QueryGate
    readonly gone: AbortSignal
    readonly timeoutMs: number
  },
  task: (options: QueryOptions) => Promise<T>,
): Promise<T> {
  const { clock, gate, gone, timeoutMs } = parts
  const stop = new AbortController()
  const ended = new AbortController()
  const stopped = Promise.withResolvers<never>()
  stop.signal.addEventListener('abort', () => stopped.reject(stop.signal.reason as Error), { once: true })
  // The race below may be over when this rejects.
  stopped.promise.catch(() => undefined)

  const onGone = (): void =>
    stop.abort(new PgherdError('CANCELLED', 'the client has gone before the query ended'))
  if (gone.aborted) onGone()
  else gone.addEventListener('abort', onGone, { once: true })
  void clock.sleep(timeoutMs, ended.signal).then(() => {
    if (ended.signal.aborted) return
    stop.abort(new PgherdError('TIMED_OUT', `the query has not ended within ${timeoutMs} ms`))
  })

  const deadline = clock.monotonic() + timeoutMs
  const answer = gate.run(stop.signal, () =>
    task({ signal: stop.signal, timeoutMs: Math.max(1, deadline - clock.monotonic()) }),
  )
  try {
    return await Promise.race([answer, stopped.promise])
  } catch (error) {
    // An engine reports the abort in its own words; the reason is the better answer.
    if (stop.signal.aborted) throw stop.signal.reason
    if (error instanceof PgherdError && error.code === 'QUERY_INVALID') {
      throw invalidParameter('query', error.message)
    }
    throw error
  } finally {
    ended.abort(over)
    gone.removeEventListener('abort', onGone)
  }
}
