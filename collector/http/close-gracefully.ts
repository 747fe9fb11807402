import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../common/clock.ts'
import type { Listeners } from './listeners.ts'

/** RFC 6455, 7.4.1: the endpoint is going away. */
const goingAway = 1001

interface ClosableSocket {
  close(code: number, reason: string): void
  terminate(): void
}

/**
 * How the server ends: no new connection, WebSockets asked to close, requests in flight until `graceMs`, and what
 * is left then is cut off.
 */
export function closeGracefully(
  app: FastifyInstance,
  listeners: Pick<Listeners, 'close'>,
  clock: Clock,
  graceMs: number,
): () => Promise<void> {
  let closing = false
  const channels = (): Iterable<ClosableSocket> =>
    (app.websocketServer as { readonly clients: Iterable<ClosableSocket> }).clients
  app.addHook('preClose', (done) => {
    for (const socket of channels()) socket.close(goingAway, 'the collector is stopping')
    done()
  })
  /** Connections that have not had a request. */
  const unused = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  app.server.on('request', ({ socket }) => unused.delete(socket))
  app.server.on('upgrade', ({ socket }) => unused.delete(socket))
  app.addHook('onResponse', (_request, _reply, done) => {
    // A connection that was busy when the server began to close becomes idle only now.
    if (closing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })
  return async () => {
    closing = true
    const allEnded = listeners.close()
    // Node does not count a connection as idle before its first request: a browser's spare one would be waited for.
    // (Under TLS bytes have come all the same.)
    for (const socket of unused) if (socket instanceof TLSSocket || socket.bytesRead === 0) socket.destroy()
    const ended = new AbortController()
    const cut = clock.sleep(graceMs, ended.signal).then(() => {
      if (ended.signal.aborted) return
      for (const socket of channels()) socket.terminate()
      app.server.closeAllConnections()
    })
    await app.close()
    await allEnded
    ended.abort()
    await cut
  }
}
