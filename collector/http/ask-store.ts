import type { FastifyReply } from 'fastify'
import { PgherdError } from '../../common/errors.ts'
import type { ApiContext } from './api-context.ts'
import { clientGone } from './client-gone.ts'
import { runQuery } from './run-query.ts'

/**
 * A question to the store beside queries, under the same bounds: in its turn, within the deadline, and not waited for
 * once the client has gone.
 */
export function askStore<T>(
  { deps, gate, limits }: ApiContext,
  reply: FastifyReply,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return runQuery(
    { clock: deps.clock, gate, gone: clientGone(reply), timeoutMs: limits.queryTimeoutMs },
    ({ signal }) => ask(signal),
  )
}

/**
 * Waits for one of the few places for answers without an end in sight; the place is free again when the connection is
 * done with the answer.
 * @throws PgherdError OVERLOADED
 */
export async function takeExportPlace({ exportGate }: ApiContext, reply: FastifyReply): Promise<void> {
  const gone = clientGone(reply)
  const admitted = Promise.withResolvers<undefined>()
  const sent = Promise.withResolvers<undefined>()
  reply.raw.once('close', () => sent.resolve(undefined))
  exportGate
    .run(gone, () => {
      admitted.resolve(undefined)
      return sent.promise
    })
    .catch((error: unknown) => {
      const isGone = gone.aborted && !(error instanceof PgherdError)
      admitted.reject(isGone ? new PgherdError('CANCELLED', 'the client has gone before its turn') : error)
    })
  await admitted.promise
}
