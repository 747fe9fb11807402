import type { FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../common/errors.ts'
import type { ApiContext } from './api-context.ts'
import { clientGone } from './client-gone.ts'
import { announcedBytes, collectBody } from './collect-body.ts'

/**
 * Takes in a body as a whole and does something with it, while there is room for it beside the others.
 * @throws PgherdError BUSY when that does not come in time, REQUEST_TOO_LARGE, CANCELLED, and what the task throws
 */
export async function withWholeBody<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  { metrics, writeGate, slowWriters }: ApiContext,
  maxBytes: number,
  task: (body: Uint8Array) => Promise<T>,
): Promise<T> {
  const size = announcedBytes(request.raw, maxBytes)
  const run = async (): Promise<T> => {
    const body = await collectBody(request.raw, maxBytes, slowWriters)
    metrics.countWrite(body.length)
    return task(body)
  }
  return await writeGate.run(size, () => clientGone(reply), run)
}

export function tooManyWrites(limit: number): PgherdError {
  return new PgherdError(
    'BUSY',
    `${limit} bytes of samples are being written already, which is the limit; send them again later`,
  )
}
