import type { IncomingMessage } from 'node:http'
import { PgherdError } from '../../common/errors.ts'
import type { SlowSenders } from './slow-senders.ts'

/**
 * Bytes that a body will have at most, by what its head says; one that does not say may be as large as any.
 * @throws PgherdError REQUEST_TOO_LARGE when it announces more
 */
export function announcedBytes(request: IncomingMessage, maxBytes: number): number {
  const announced = Number(request.headers['content-length'] ?? maxBytes)
  if (announced > maxBytes) throw tooLarge(maxBytes)
  return announced
}

/**
 * The body of a request as a whole; one that came in one piece is not copied.
 * @throws PgherdError REQUEST_TOO_LARGE, CANCELLED when its sender goes away, or BUSY when it is slow while others wait
 */
export async function collectBody(
  request: IncomingMessage,
  maxBytes: number,
  slowSenders: SlowSenders,
): Promise<Uint8Array> {
  let unwatch: (() => void) | undefined
  try {
    return await new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = []
      let size = 0
      const giveUp = (reason: PgherdError): void => {
        request.pause()
        chunks.length = 0
        reject(reason)
      }
      const gone = (): void => {
        // Every request closes in the end, and an error takes a stack trace.
        if (request.readableEnded) return
        reject(new PgherdError('CANCELLED', 'the connection was closed within the body'))
      }
      unwatch = slowSenders.watch({ received: () => size, cut: giveUp })
      request
        .on('data', (chunk: Uint8Array) => {
          size += chunk.length
          if (size > maxBytes) giveUp(tooLarge(maxBytes))
          else chunks.push(chunk)
        })
        .once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)))
        .once('error', gone)
        .once('close', gone)
    })
  } finally {
    unwatch?.()
  }
}

function tooLarge(maxBytes: number): PgherdError {
  return new PgherdError(
    'REQUEST_TOO_LARGE',
    `the body is larger than the ${maxBytes} bytes that are accepted`,
  )
}
