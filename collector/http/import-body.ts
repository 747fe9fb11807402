import type { FastifyReply, FastifyRequest } from 'fastify'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError } from '../../common/errors.ts'
import type { ApiContext } from './api-context.ts'
import { clientGone } from './client-gone.ts'

/** What one import has in memory at most: a line, the samples of it, and what decompression needs. */
export const bytesPerImport = 64 * 1024 * 1024

/**
 * Takes in a body of any size while it arrives, in a scope for streams, as soon as fewer imports than the limit are
 * under way.
 * @throws PgherdError BUSY when that does not come in time, TIMED_OUT when the sender falls silent, and what the task throws
 */
export async function withStreamedBody<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
  task: (body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  return await context.importGate.run(
    bytesPerImport,
    () => clientGone(reply),
    () => task(streamedBody(request, context)),
  )
}

/**
 * The body of a request, as fast as it is read.
 * @throws PgherdError TIMED_OUT when nothing of it comes for as long as a whole request may take
 */
async function* streamedBody(
  request: FastifyRequest,
  { deps, limits, metrics }: ApiContext,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = (request.raw as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  for (;;) {
    const next = await withinDeadline(chunks.next(), limits.requestTimeoutMs, deps.clock)
    if (next === late) {
      request.raw.destroy()
      throw new PgherdError('TIMED_OUT', `no more of the body came within ${limits.requestTimeoutMs} ms`)
    }
    if (next.done === true) return
    metrics.countWrite(next.value.length)
    yield next.value
  }
}
