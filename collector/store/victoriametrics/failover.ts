import { createBackoff } from '../../../common/backoff.ts'
import type { Backoff } from '../../../common/backoff.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { HttpAnswer, HttpRequest, HttpStream } from '../../../common/http-client.ts'
import { credentialHeaders } from '../../../common/http-credentials.ts'
import type { HttpCredentials, TlsPaths } from '../../../common/http-credentials.ts'
import { createRenewingClient } from '../../../common/renewing-client.ts'
import type { Log } from '../../../common/log.ts'

/** One of several servers that do the same. */
export interface Endpoint extends HttpCredentials {
  /** Scheme, host, port and what precedes every path. */
  readonly url: string
  readonly tls?: TlsPaths | undefined
}

export type EngineRequest = Omit<HttpRequest, 'url'> & {
  /** Behind the base of the endpoint. */
  readonly path: string
}

/** Totals since the start, over all endpoints. */
export interface FailoverStats {
  /** By status; `error` where there was no answer. */
  readonly requestsByStatus: Readonly<Record<string, number>>
  /** How often an endpoint was left for the next. */
  readonly failovers: number
  /** Number of endpoints that are thought to be down. */
  readonly down: number
}

/** Several endpoints as one. */
export interface Failover extends Disposable {
  /**
   * @throws PgherdError UNREACHABLE, also for credentials that cannot be read; TIMED_OUT, CANCELLED; QUERY_LIMIT for an
   *   answer that is larger than allowed
   */
  send(request: EngineRequest): Promise<HttpAnswer>
  stream(request: EngineRequest): Promise<HttpStream>
  stats(): FailoverStats
}

interface Place {
  readonly endpoint: Endpoint
  readonly client: ReturnType<typeof createRenewingClient>
  readonly backoff: Backoff
  /** On the monotonic clock; not looked at until then. -Infinity while it is up. */
  downUntil: number
  isLookedAt: boolean
}

/** Every part of VictoriaMetrics has it. */
const lookPath = '/health'
const lookTimeoutMs = 5_000

/**
 * Asks the first endpoint that is not known to be down. One that cannot be reached or answers 5xx is left alone for a
 * while, longer with each failure, and the next is asked; when it is found to be back, it is the first again. When all
 * are down, each is tried once, and the last failure is what the caller gets. `timeoutMs` bounds all attempts together.
 */
export function createFailover(options: {
  readonly endpoints: readonly Endpoint[]
  readonly connections: number
  /** How long one endpoint is waited for while there is another; as long as the request may take unless told. */
  readonly patienceMs?: number
  readonly clock: Clock
  readonly log: Log
  readonly backoff?: () => Backoff
}): Failover {
  const { clock, log } = options
  const places = options.endpoints.map((endpoint): Place => ({
    endpoint,
    client: createRenewingClient({ tls: endpoint.tls, connections: options.connections }),
    backoff: options.backoff?.() ?? createBackoff({ firstMs: 2_000, maxMs: 60_000 }),
    downUntil: -Infinity,
    isLookedAt: false,
  }))
  const requestsByStatus: Record<string, number> = {}
  let failovers = 0
  const count = (status: number | 'error') => {
    requestsByStatus[status] = (requestsByStatus[status] ?? 0) + 1
  }

  const failed = (place: Place, reason: string) => {
    const wasUp = place.downUntil === -Infinity
    const delayMs = place.backoff.next()
    place.downUntil = clock.monotonic() + delayMs
    if (wasUp && places.length > 1) {
      log.warn({ origin: new URL(place.endpoint.url).origin, reason }, 'an endpoint is down')
    }
  }
  const answered = (place: Place) => {
    if (place.downUntil === -Infinity) return
    place.downUntil = -Infinity
    place.backoff.reset()
    if (places.length > 1) log.info({ origin: new URL(place.endpoint.url).origin }, 'an endpoint is up again')
  }

  /** Finds out whether one that was down is back. A request might wait in vain: a host that is dead does not answer. */
  const look = async (place: Place) => {
    if (place.isLookedAt) return
    place.isLookedAt = true
    try {
      const { status } = await place.client.send({
        method: 'GET',
        url: `${place.endpoint.url}${lookPath}`,
        headers: await credentialHeaders(place.endpoint),
        timeoutMs: lookTimeoutMs,
        onlyStatusMatters: true,
      })
      if (status < 500) answered(place)
      else failed(place, `status ${status}`)
    } catch (error) {
      failed(place, messageOf(error))
    } finally {
      place.isLookedAt = false
    }
  }

  /** Those that are up, then those that may be up again. */
  const inOrder = (now: number): readonly Place[] => {
    const up = places.filter(({ downUntil }) => downUntil === -Infinity)
    const due = places.filter(({ downUntil }) => downUntil > -Infinity && downUntil <= now)
    if (up.length > 0) for (const place of due) void look(place)
    return [...up, ...due, ...places.filter(({ downUntil }) => downUntil > now)]
  }

  const attempt = async <T extends { readonly status: number }>(
    request: EngineRequest,
    via: (client: Place['client'], request: HttpRequest) => Promise<T>,
    drop: (answer: T) => void,
  ): Promise<T> => {
    const started = clock.monotonic()
    const order = inOrder(started)
    const { path, ...rest } = request
    for (const [i, place] of order.entries()) {
      const leftMs = request.timeoutMs - (clock.monotonic() - started)
      const isLast = i === order.length - 1
      const timeoutMs = isLast ? leftMs : Math.min(leftMs, options.patienceMs ?? Infinity)
      const mayGoOn = () => !isLast && request.timeoutMs - (clock.monotonic() - started) > 1
      try {
        const answer = await via(place.client, {
          ...rest,
          timeoutMs: Math.max(1, Math.ceil(timeoutMs)),
          url: `${place.endpoint.url}${path}`,
          headers: { ...(await credentialHeaders(place.endpoint)), ...rest.headers },
        })
        count(answer.status)
        if (answer.status < 500) {
          answered(place)
          return answer
        }
        failed(place, `status ${answer.status}`)
        if (!mayGoOn()) return answer
        drop(answer)
      } catch (error) {
        const reason = asEngineError(error)
        count('error')
        // Whoever asked has gone, or asked for too much, which says nothing about the endpoint.
        if (reason.code === 'CANCELLED' || reason.code === 'QUERY_LIMIT') throw reason
        failed(place, reason.message)
        if (!mayGoOn()) throw reason
      }
      failovers++
    }
    throw new PgherdError('UNREACHABLE', 'there is no endpoint')
  }

  return {
    send: (request) =>
      attempt(
        request,
        (client, wanted) => client.send(wanted),
        () => undefined,
      ),
    stream: (request) => attempt(request, (client, wanted) => client.stream(wanted), breakOff),
    stats: () => ({
      requestsByStatus: { ...requestsByStatus },
      failovers,
      down: places.filter(({ downUntil }) => downUntil > -Infinity).length,
    }),
    [Symbol.dispose]() {
      for (const { client } of places) client[Symbol.dispose]()
    },
  }
}

/** A failed exchange, in the words that whoever asked can do something with. */
function asEngineError(error: unknown): PgherdError {
  if (!(error instanceof PgherdError)) {
    return new PgherdError('INTERNAL', `a request to VictoriaMetrics failed: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (error.code === 'BAD_DATA') {
    return new PgherdError('QUERY_LIMIT', `from VictoriaMetrics: ${error.message}`, { cause: error })
  }
  if (error.code === 'CONFIG_INVALID') {
    return new PgherdError('UNREACHABLE', `cannot ask VictoriaMetrics: ${error.message}`, { cause: error })
  }
  return error
}

/** Lets go of an answer that nobody reads. */
function breakOff({ body }: HttpStream): void {
  const ended = (async () => {
    for await (const part of body) if (part.length >= 0) break
  })()
  ended.catch(() => undefined)
}
