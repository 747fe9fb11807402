import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Sends JSON that comes in pieces: a single piece with its length, more of them as fast as the reader takes them. */
export function sendChunks(reply: FastifyReply, chunks: Iterator<string, void, undefined>): FastifyReply {
  void reply.header('content-type', 'application/json')
  const first = chunks.next()
  if (first.done === true) return reply.send('')
  const second = chunks.next()
  if (second.done === true) return reply.send(first.value)
  return reply.send(Readable.from(concatenated([first.value, second.value], chunks), { objectMode: false }))
}

function* concatenated(
  head: readonly string[],
  tail: Iterator<string, void, undefined>,
): Generator<string, void, undefined> {
  yield* head
  for (let next = tail.next(); next.done !== true; next = tail.next()) yield next.value
}
