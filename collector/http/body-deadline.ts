import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../common/clock.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes a body of any size while it arrives, and sees to its deadline itself. */
    streams?: boolean
  }
}

/**
 * Bodies that a route takes as a whole have to be there in time, else the request is answered 408 and its
 * connection is closed. Node's own deadline knows no routes: it would end every long import. Nothing is waited for
 * once the server is closed.
 */
export function addBodyDeadline(
  app: FastifyInstance,
  clock: Clock,
  timeoutMs: number,
  closed: AbortSignal,
): void {
  const waiting = new Set<AbortController>()
  closed.addEventListener('abort', () => {
    for (const one of waiting) one.abort('closed')
  })
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers, raw } = request
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
    if (hasBody && request.routeOptions.config.streams !== true) {
      const arrived = new AbortController()
      // With a reason, as making one takes a stack trace.
      const end = (): void => arrived.abort('arrived')
      waiting.add(arrived)
      raw.once('end', end).once('close', end)
      void clock.sleep(timeoutMs, arrived.signal).then(() => {
        waiting.delete(arrived)
        if (arrived.signal.aborted) return
        // What Node does at its own deadline; the server's handler answers.
        app.server.emit(
          'clientError',
          Object.assign(new Error('the body did not arrive in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
          raw.socket,
        )
      })
    }
    done()
  })
}
