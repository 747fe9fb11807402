import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { nextTurn } from '../../common/turn.ts'

/** Sends JSON that comes in pieces: a single piece with its length, more of them as fast as the reader takes them. */
export function sendChunks(reply: FastifyReply, chunks: Generator<string, void, undefined>): FastifyReply {
  void reply.header('content-type', 'application/json')
  const first = chunks.next()
  if (first.done === true) return reply.send('')
  const second = chunks.next()
  if (second.done === true) return reply.send(first.value)
  return reply.send(Readable.from(oneByOne([first.value, second.value], chunks), { objectMode: false }))
}

/** Others get a turn after each chunk: a reader that is never slow would else have the event loop to itself. */
async function* oneByOne(
  head: readonly string[],
  tail: Generator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  yield* head
  for (const chunk of tail) {
    yield chunk
    await nextTurn()
  }
}
