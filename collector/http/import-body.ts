import type { FastifyReply, FastifyRequest } from 'fastify'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError } from '../../common/errors.ts'
import type { ApiContext } from './api-context.ts'
import { clientGone } from './client-gone.ts'
import { leastBytesPerWindow, senderWindowMs, tooSlow } from './slow-senders.ts'

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
    1,
    () => clientGone(reply),
    () => task(streamedBody(request, context)),
  )
}

/**
 * The body of a request, as fast as it is read.
 * @throws PgherdError TIMED_OUT when nothing of it comes for as long as a whole request may take, BUSY when it comes
 *   slowly while other imports wait
 */
async function* streamedBody(
  request: FastifyRequest,
  context: ApiContext,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { clock } = context.deps
  const { requestTimeoutMs } = context.limits
  const chunks = (request.raw as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  const pace = watchPace(context)
  for (;;) {
    const next = chunks.next()
    let result: IteratorResult<Uint8Array> | typeof late = late
    for (let silentMs = 0; result === late;) {
      const from = clock.monotonic()
      result = await withinDeadline(next, Math.min(senderWindowMs, requestTimeoutMs - silentMs), clock)
      const waitedMs = clock.monotonic() - from
      silentMs += waitedMs
      pace(result === late || result.done === true ? 0 : result.value.length, waitedMs)
      if (result === late && silentMs >= requestTimeoutMs) {
        request.raw.destroy()
        throw new PgherdError('TIMED_OUT', `no more of the body came within ${requestTimeoutMs} ms`)
      }
    }
    if (result.done === true) return
    context.metrics.countWrite(result.value.length)
    yield result.value
  }
}

/** Only the time in which the sender was waited for counts: the store may be slow, too. */
function watchPace({ importGate, metrics }: ApiContext): (bytes: number, waitedMs: number) => void {
  let bytes = 0
  let waitedMs = 0
  return (more, moreMs) => {
    bytes += more
    waitedMs += moreMs
    if (waitedMs < senderWindowMs) return
    const isSlow = bytes < leastBytesPerWindow
    bytes = 0
    waitedMs = 0
    if (!isSlow || importGate.waiting === 0) return
    metrics.countSlowSender()
    throw tooSlow()
  }
}

export function tooManyImports(limit: number): PgherdError {
  return new PgherdError(
    'BUSY',
    `${limit} imports are under way already, which is the limit; send it again later`,
  )
}
