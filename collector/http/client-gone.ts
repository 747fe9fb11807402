import type { FastifyReply } from 'fastify'

/**
 * Aborts when the connection closes before the answer is out. It looks at the response: a request "closes" as soon
 * as its body has been read, so that Fastify's own request.signal would cancel every POST.
 */
export function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  const check = (): void => {
    if (!reply.raw.writableFinished) gone.abort()
  }
  if (reply.raw.destroyed) check()
  else reply.raw.once('close', check)
  return gone.signal
}
