import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { nextTurn } from '../../common/turn.ts'

/** Sends text, or its bytes, that comes in pieces: a single piece with its length, more of them as fast as the reader takes them. */
export function sendChunks(
  reply: FastifyReply,
  chunks: Generator<string | Uint8Array, void, undefined>,
  contentType = 'application/json',
): FastifyReply {
  void reply.header('content-type', contentType)
  const first = chunks.next()
  if (first.done === true) return reply.send('')
  const second = chunks.next()
  if (second.done === true) return reply.send(first.value)
  return reply.send(Readable.from(oneByOne([first.value, second.value], chunks), { objectMode: false }))
}

/**
 * Sends pieces that are made while they are sent, at the pace of the reader. What fails before the first piece is an
 * answer like any other error; afterwards only the connection can tell.
 */
export async function sendStream(
  reply: FastifyReply,
  pieces: AsyncGenerator<string | Uint8Array, void, undefined>,
  contentType: string,
): Promise<FastifyReply> {
  const first = await pieces.next()
  void reply.header('content-type', contentType)
  if (first.done === true) return reply.send('')
  return reply.send(Readable.from(oneByOne([first.value], pieces), { objectMode: false }))
}

/** Others get a turn after each chunk: a reader that is never slow would else have the event loop to itself. */
async function* oneByOne(
  head: readonly (string | Uint8Array)[],
  tail:
    Generator<string | Uint8Array, void, undefined> | AsyncGenerator<string | Uint8Array, void, undefined>,
): AsyncGenerator<string | Uint8Array, void, undefined> {
  try {
    yield* head
    for await (const chunk of tail) {
      yield chunk
      await nextTurn()
    }
  } finally {
    // A reader that is gone before the loop began leaves it unfinished.
    await tail.return(undefined)
  }
}
