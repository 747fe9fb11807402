import * as http from 'node:http'
import type * as https from 'node:https'
import { PgherdError } from '../../common/errors.ts'
import { listenOn } from '../../common/listen-on.ts'
import { answerHealth } from './answer-health.ts'
import type { HealthAnswerOptions } from './answer-health.ts'

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

/** Load balancers ask with a connection each time, or keep one: neither needs many. */
const maxConnections = 256
/** No header may hold line ends or what is not Latin-1. */
const unfitForHeader = /[^\x20-\x7e]/g

/**
 * Serves the health paths over node:http: each answer is made from memory within the turn of the event loop in which the
 * request was read.
 * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for an address that this machine does not have or a certificate that cannot be used
 */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const { address, tls, onAnswer } = options
  const listener: http.RequestListener = (request, response) => {
    const method = request.method ?? 'GET'
    const answer = answerHealth(method, request.url ?? '/', options)
    onAnswer(answer.status)
    const body = method === 'HEAD' ? '' : answer.body
    response.writeHead(answer.status, {
      'content-type': answer.type,
      'content-length': Buffer.byteLength(answer.body),
      'cache-control': 'no-store',
      'x-pgherd-reason': answer.reason.replace(unfitForHeader, '?'),
      ...(answer.status === 405 ? { allow: 'GET, HEAD, OPTIONS' } : {}),
    })
    response.end(body)
    // A body that nobody needs must not keep the connection busy.
    request.resume()
  }
  const server =
    tls === undefined ? http.createServer({ noDelay: true }, listener) : await createTlsServer(listener, tls)
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  server.keepAliveTimeout = 30_000
  server.maxConnections = maxConnections
  const reached = await listenOn(server, address)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${reached}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** TLS is loaded only where it is spoken: it takes 3 MiB. */
async function createTlsServer(
  listener: http.RequestListener,
  tls: NonNullable<HealthServerOptions['tls']>,
): Promise<https.Server> {
  const { createServer } = await import('node:https')
  try {
    return createServer({ ...tls, noDelay: true }, listener)
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', 'the certificate and key for health checks cannot be used', {
      cause: error,
    })
  }
}
