import * as http from 'node:http'
import type * as https from 'node:https'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { PgherdError } from '../../common/errors.ts'
import { listenOn } from '../../common/listen-on.ts'
import { answerHealth } from './answer-health.ts'
import type { HealthAnswerOptions } from './answer-health.ts'
import { answerPlainly, keptOpenMs } from './answer-plainly.ts'
import { printAnswer, wholeAnswer } from './whole-answer.ts'
import type { WholeAnswer } from './whole-answer.ts'

export interface HealthServerOptions extends HealthAnswerOptions {
  readonly address: { readonly host: string; readonly port: number }
  /** PEM texts; plain HTTP without them, as load balancers usually ask. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** Called with the status of each answer. */
  readonly onAnswer: (status: number) => void
}

export interface HealthServer extends AsyncDisposable {
  readonly url: string
}

/**
 * Load balancers ask with a connection each time, or keep one: neither needs many. One more ends the oldest, so that clients which
 * only hold theirs keep nobody from an answer.
 */
const maxConnections = 256
/** Requests of one connection whose answers its client has not taken: more come only to fill the memory of the thread. */
const maxUnread = 8
/**
 * Serves the health paths: each answer is made from memory within the turn of the event loop in which the request was read. Plain
 * requests over plain connections are answered by hand, everything else by node:http, with the same bytes.
 * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for an address that this machine does not have or a certificate that cannot be used
 */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const { address, tls, onAnswer } = options
  const judge = (method: string, target: string): WholeAnswer => {
    const answer = answerHealth(method, target, options)
    onAnswer(answer.status)
    return wholeAnswer(method, answer)
  }
  const unread = new WeakMap<Socket, number>()
  const listener: http.RequestListener = (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    const waiting = unread.get(socket) ?? 0
    if (waiting >= maxUnread) {
      socket.destroy()
      return
    }
    unread.set(socket, waiting + 1)
    response.once('finish', () => unread.set(socket, (unread.get(socket) ?? 1) - 1))
    const { status, headers, body } = judge(request.method ?? 'GET', request.url ?? '/')
    response.writeHead(status, headers)
    response.end(body)
    // A body that nobody needs must not keep the connection busy.
    request.resume()
  }
  const whole =
    tls === undefined ? http.createServer({ noDelay: true }, listener) : await createTlsServer(listener, tls)
  whole.headersTimeout = 5_000
  whole.requestTimeout = 10_000
  whole.keepAliveTimeout = keptOpenMs
  const server = tls === undefined ? createPlainServer(judge, whole) : whole
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    const [oldest] = open
    if (oldest !== undefined && open.size >= maxConnections) {
      open.delete(oldest)
      oldest.destroy()
    }
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  const reached = await listenOn(server, address)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${reached}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** @param whole - not listening: it gets the connections whose requests are not plain */
function createPlainServer(
  judge: (method: string, target: string) => WholeAnswer,
  whole: http.Server,
): Server {
  return createServer({ noDelay: true }, (socket) =>
    answerPlainly(
      socket,
      ({ method, target, staysOpen }) =>
        printAnswer(judge(method, target), Date.now(), staysOpen ? keptOpenMs / 1000 : null),
      (handed) => whole.emit('connection', handed),
    ),
  )
}

/** TLS is loaded only where it is spoken: it takes 3 MiB. */
async function createTlsServer(
  listener: http.RequestListener,
  tls: NonNullable<HealthServerOptions['tls']>,
): Promise<https.Server> {
  const secure = await import('node:https')
  try {
    return secure.createServer({ ...tls, noDelay: true }, listener)
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', 'the certificate and key for health checks cannot be used', {
      cause: error,
    })
  }
}
