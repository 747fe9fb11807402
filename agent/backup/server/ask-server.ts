import type { Clock } from '../../../common/clock.ts'
import { createSession } from '../../postgres/session.ts'
import type { SessionOptions } from '../../postgres/session.ts'
import type { ResultTable } from '../../postgres/result-table.ts'

/** Asks the server that is backed up: a connection each time, which is closed at once, since it is asked once a minute. */
export type AskServer = (text: string, signal?: AbortSignal) => Promise<ResultTable['rows']>

const timeoutMs = 5_000

/** @throws whatever the session throws: POSTGRES_UNAVAILABLE, TIMED_OUT, or the server's refusal */
export function askServer(options: Omit<SessionOptions, 'clock'>, clock: Clock): AskServer {
  return async (text, signal) => {
    signal?.throwIfAborted()
    await using session = createSession({
      ...options,
      clock,
      applicationName: 'pgherd backup',
      backoff: { next: () => 0, reset: () => undefined },
    })
    await session.connect(timeoutMs)
    return (await session.query({ text }, timeoutMs)).rows
  }
}
