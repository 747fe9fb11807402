import type { z } from 'zod'
import { errorAnswer, nodesAnswer } from '../../../common/wire/nodes.ts'
import type { NodeView } from '../../../common/wire/nodes.ts'
import { alertsAnswer, buildInfoAnswer, rangeAnswer } from './answers.ts'
import type { Alert, RangeSeries } from './answers.ts'

/** Longer than the collector's own deadline for a query makes no sense to anyone who looks at the page. */
const timeoutMs = 20_000

/**
 * What the page asks of the collector. Every call rejects with an Error whose message is one sentence for the
 * reader, except when `signal` aborts: then it rejects with the signal's own reason.
 */
export interface CollectorClient {
  nodes(signal: AbortSignal): Promise<readonly NodeView[]>
  alerts(signal: AbortSignal): Promise<readonly Alert[]>
  version(signal: AbortSignal): Promise<string>
  range(expr: string, range: QueryRange, signal: AbortSignal): Promise<readonly RangeSeries[]>
  /** Asks any address of the collector, relative to the page's base, and checks the answer. */
  get<T>(path: string, parameters: Parameters, answer: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** The same for what changes something; `body` goes as JSON. */
  send<T>(change: Change, answer: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /**
   * What to add to the reader's clock to get the collector's, in milliseconds, as of the last answer. Samples
   * carry the collector's idea of time; a laptop that is minutes off would see an empty end of every chart.
   */
  clockOffsetMs(): number
}

export interface Change {
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
}

/** Of a query string; a name with several values is repeated. */
export type Parameters = Readonly<Record<string, string | readonly string[]>>

function queryString(parameters: Parameters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of typeof value === 'string' ? [value] : value) query.append(name, one)
  }
  return query.toString()
}

/** The collector and proxies take an address of 8 kB at least; many chosen servers make a longer query. */
const longestQuery = 6000

/** What Prometheus' API lets be asked by a form too. */
const takesForms = /^api\/v1\/(?:query|query_range|series|labels)$/

/** The Date header has whole seconds and took some time to arrive: less than this is no difference. */
const clockToleranceMs = 3000

/** Seconds since the epoch, both ends inclusive. */
export interface QueryRange {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** A client of the collector that served the page; `fetch` is the browser's, or a test's. */
export function collectorClient(fetch: typeof globalThis.fetch): CollectorClient {
  let offsetMs = 0
  function get<T>(
    path: string,
    parameters: Parameters,
    answer: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const query = queryString(parameters)
    if (query.length > longestQuery && takesForms.test(path)) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return ask(path, { method: 'POST', body: query, headers }, answer, signal)
    }
    return ask(query === '' ? path : `${path}?${query}`, { cache: 'no-store' }, answer, signal)
  }

  function send<T>({ method, path, body }: Change, answer: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const sent =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return ask(path, { method, ...sent }, answer, signal)
  }

  async function ask<T>(
    path: string,
    request: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> },
    answer: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(timeoutMs)
    let response: Response
    let body: unknown
    try {
      response = await fetch(path, {
        ...request,
        signal: AbortSignal.any([signal, deadline]),
        headers: { accept: 'application/json', ...request.headers },
      })
      body = await response.json().catch((error: unknown) => {
        if (error instanceof SyntaxError) return undefined
        throw error
      })
    } catch (error) {
      signal.throwIfAborted()
      if (deadline.aborted)
        throw new Error(`No answer from the collector within ${timeoutMs / 1000} s`, { cause: error })
      throw new Error('The collector cannot be reached', { cause: error })
    }
    const difference = Date.parse(response.headers.get('date') ?? '') - Date.now()
    if (!Number.isNaN(difference)) offsetMs = Math.abs(difference) < clockToleranceMs ? 0 : difference
    if (!response.ok) {
      const reported = errorAnswer.safeParse(body)
      throw new Error(
        reported.success ? reported.data.error : `The collector answered HTTP ${response.status}`,
      )
    }
    const checked = answer.safeParse(body)
    if (checked.success) return checked.data
    throw new Error(
      `The collector's answer to ${path.split('?', 1)[0]!} is not what this page expects; reload it`,
      {
        cause: checked.error,
      },
    )
  }

  return {
    get,
    send,
    clockOffsetMs: () => offsetMs,
    nodes: async (signal) => (await get('api/v1/nodes', {}, nodesAnswer, signal)).data,
    alerts: async (signal) => (await get('api/v1/alerts', {}, alertsAnswer, signal)).data.alerts,
    version: async (signal) =>
      (await get('api/v1/status/buildinfo', {}, buildInfoAnswer, signal)).data.pgherdVersion,
    range: (expr, { start, end, step }, signal) =>
      get(
        'api/v1/query_range',
        { query: expr, start: String(start), end: String(end), step: String(step) },
        rangeAnswer,
        signal,
      ),
  }
}
