import type { Clock } from '../clock.ts'
import type { HttpClient } from '../http-client.ts'
import { credentialHeaders } from '../http-credentials.ts'
import type { HttpCredentials, TlsPaths } from '../http-credentials.ts'
import type { Log } from '../log.ts'
import type { Proxy } from '../proxy.ts'
import { createRenewingClient } from '../renewing-client.ts'
import { noTracer } from '../tracer.ts'
import type { Tracer } from '../tracer.ts'
import { createPusher } from './pusher.ts'
import type { BodyQueue, Pusher, PusherOptions, QueuedBody } from './pusher.ts'

export interface DestinationOptions<T extends QueuedBody> extends HttpCredentials {
  /** For the log; also the name of its place in the spool. */
  readonly name: string
  /** The whole URL, for example https://collector:9700/api/v1/write. */
  readonly url: string
  readonly tls?: TlsPaths | undefined
  readonly proxy?: Proxy | undefined
  readonly queue: BodyQueue<T>
  readonly clock: Clock
  readonly log: Log
  readonly tracer?: Tracer
  /** The pusher's times and sizes, where they differ from its own. */
  readonly pusher?: Pick<
    PusherOptions<T>,
    'userAgent' | 'timeoutMs' | 'flushMs' | 'request' | 'backoff' | 'holdBackoff'
  >
}

/** Headers that say what a body is; they are not the user's to change. */
export const reservedHeaders = [
  'content-encoding',
  'content-type',
  'content-length',
  'host',
  'x-prometheus-remote-write-version',
  'user-agent',
] as const

/**
 * One receiver with everything of its own: connection, credentials, pace. Whatever it does (dead, hanging, refusing),
 * the others do not notice. Disposing closes its connection.
 */
export function createDestination<T extends QueuedBody>(options: DestinationOptions<T>): Pusher & Disposable {
  const { name, url, tls, proxy } = options
  const http = traced(createRenewingClient({ tls, proxy, connections: 1 }), name, options.tracer ?? noTracer)
  const reserved = new Set<string>(reservedHeaders)
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {})
      .map(([header, value]) => [header.toLowerCase(), value] as const)
      .filter(([header]) => !reserved.has(header)),
  )
  const pusher = createPusher({
    ...options.pusher,
    queue: options.queue,
    http,
    url,
    headers: () => credentialHeaders({ ...options, headers }),
    clock: options.clock,
    log: options.log.child({ destination: name }),
  })
  return { run: pusher.run, stats: pusher.stats, [Symbol.dispose]: () => http[Symbol.dispose]() }
}

function traced(client: HttpClient, destination: string, tracer: Tracer): HttpClient {
  return {
    send: (request) =>
      tracer.span('push', { destination, bytes: request.body?.length ?? 0 }, () => client.send(request)),
    [Symbol.dispose]: () => client[Symbol.dispose](),
  }
}
