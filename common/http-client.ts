import * as http from 'node:http'
import * as https from 'node:https'
import { PgherdError, messageOf, systemCodeOf } from './errors.ts'
import { proxyEnvOf } from './proxy.ts'
import type { Proxy } from './proxy.ts'

export interface HttpAnswer {
  readonly status: number
  /** Lower-case names; a repeated header is joined with commas. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** One bound on the whole exchange, from connecting to the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** A larger answer is an error; 16 MiB unless told. */
  readonly maxAnswerBytes?: number
  /**
   * For a caller who goes by the status: of the body it gets what comes within `maxAnswerBytes` and a second, and a
   * body that is longer, slower or broken off is no failure of the exchange.
   */
  readonly onlyStatusMatters?: boolean
}

/** How long the rest of a body is waited for that nobody needs. */
const excerptMs = 1_000

export interface HttpClient extends Disposable {
  /**
   * Any status is an answer; only a failed exchange throws.
   * @throws PgherdError UNREACHABLE, TIMED_OUT, CANCELLED, or BAD_DATA for an answer over the limit
   */
  send(request: HttpRequest): Promise<HttpAnswer>
}

/** An answer whose body is read as it comes, at the pace of the reader. One that is not read to its end is broken off. */
export interface HttpStream {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Uint8Array>
}

export interface StreamingHttpClient extends HttpClient {
  /**
   * As `send`, and the body's iteration throws the same errors; `timeoutMs` bounds the whole of it. The body has to
   * be iterated, if only to break off.
   */
  stream(request: Omit<HttpRequest, 'maxAnswerBytes' | 'onlyStatusMatters'>): Promise<HttpStream>
}

/** PEM texts for https: whom to trust instead of the system's authorities, and who we are. */
export interface TlsFiles {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/**
 * Keep-alive connections to any number of origins; disposing closes them. Node's own client, because the
 * agent's memory is the patient's memory: undici costs 12 MB more of it (docs/decisions/0005).
 */
export function createHttpClient(
  options: { connections?: number; tls?: TlsFiles; proxy?: Proxy | undefined } = {},
): StreamingHttpClient {
  const pool = { keepAlive: true, keepAliveMsecs: 10_000, maxSockets: options.connections ?? 4 }
  const agents = {
    'http:': new http.Agent(pool),
    'https:': new https.Agent({ ...pool, ...options.tls, ...proxyEnvOf(options.proxy) }),
  }
  return {
    async send(wanted) {
      using bounds = boundsOf(wanted)
      try {
        return await exchange(wanted, agents, bounds)
      } catch (error) {
        throw explained(error, wanted, bounds)
      }
    },
    async stream(wanted) {
      const bounds = boundsOf(wanted)
      try {
        const answer = await open(wanted, agents, bounds)
        return {
          status: answer.statusCode ?? 0,
          headers: flatten(answer.headers),
          body: readExplained(answer, wanted, bounds),
        }
      } catch (error) {
        bounds[Symbol.dispose]()
        throw explained(error, wanted, bounds)
      }
    },
    [Symbol.dispose]() {
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}

type Agents = { readonly 'http:': http.Agent; readonly 'https:': https.Agent }
type Wanted = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'timeoutMs' | 'signal'>

/** Ends an exchange when its time is over, or its caller wants it no more; nothing of it outlives the exchange. */
interface Bounds extends Disposable {
  readonly isOver: boolean
  readonly isLate: boolean
  /** Called when the exchange has to end; at once where it has to already. */
  onEnd(cut: () => void): void
}

/** Not AbortSignal.timeout and any: their timers and registrations stay for as long as the time would have been. */
function boundsOf({ timeoutMs, signal }: Wanted): Bounds {
  let isLate = false
  let cutNow: (() => void) | undefined
  const end = (): void => cutNow?.()
  const timer = setTimeout(() => {
    isLate = true
    end()
  }, timeoutMs)
  // The exchange itself keeps the process; what is only waited for does not.
  timer.unref()
  signal?.addEventListener('abort', end, { once: true })
  return {
    get isOver() {
      return isLate || signal?.aborted === true
    },
    get isLate() {
      return isLate
    },
    onEnd(cut) {
      cutNow = cut
      if (this.isOver) cut()
    },
    [Symbol.dispose]() {
      cutNow = undefined
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
    },
  }
}

function explained(error: unknown, wanted: Wanted, bounds: Bounds): PgherdError {
  if (error instanceof PgherdError) return error
  const origin = originOf(wanted.url)
  const cause = { cause: error }
  if (wanted.signal?.aborted === true) {
    return new PgherdError('CANCELLED', `the request to ${origin} was cancelled`, cause)
  }
  if (bounds.isLate) {
    return new PgherdError('TIMED_OUT', `${origin} did not answer within ${wanted.timeoutMs} ms`, cause)
  }
  return new PgherdError('UNREACHABLE', `cannot reach ${origin}: ${reasonOf(error)}`, cause)
}

function reasonOf(error: unknown): string {
  const code = systemCodeOf(error)
  // OpenSSL's text is of several lines, and means this.
  return code === 'EPROTO' ? 'EPROTO, it does not speak TLS as we do' : (code ?? messageOf(error))
}

async function open(wanted: Wanted, agents: Agents, bounds: Bounds): Promise<http.IncomingMessage> {
  const url = new URL(wanted.url)
  const secure = url.protocol === 'https:'
  const body = typeof wanted.body === 'string' ? Buffer.from(wanted.body) : wanted.body
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = (secure ? https : http).request(url, {
      method: wanted.method,
      headers: {
        ...wanted.headers,
        ...(body === undefined ? {} : { 'content-length': String(body.length) }),
      },
      agent: secure ? agents['https:'] : agents['http:'],
    })
    request.on('response', resolve)
    request.on('error', reject)
    bounds.onEnd(() => request.destroy(new Error('the exchange has ended')))
    if (!bounds.isOver) request.end(body)
  })
}

async function exchange(wanted: HttpRequest, agents: Agents, bounds: Bounds): Promise<HttpAnswer> {
  const answer = await open(wanted, agents, bounds)
  return {
    status: answer.statusCode ?? 0,
    headers: flatten(answer.headers),
    body: await (wanted.onlyStatusMatters === true ? readExcerpt : readBounded)(
      answer,
      wanted.maxAnswerBytes ?? 16 * 1024 * 1024,
    ),
  }
}

async function* readExplained(
  answer: http.IncomingMessage,
  wanted: Wanted,
  bounds: Bounds,
): AsyncGenerator<Uint8Array> {
  try {
    yield* answer as AsyncIterable<Buffer>
  } catch (error) {
    throw explained(error, wanted, bounds)
  } finally {
    bounds[Symbol.dispose]()
  }
}

/** Host and port only: a URL may carry a password or a token, and errors are logged. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the given URL'
}

function flatten(headers: http.IncomingHttpHeaders): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) out[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return out
}

/** By events, which take less than an iterator for the few parts of most answers. */
function readBounded(answer: http.IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    answer.on('data', (part: Buffer) => {
      size += part.length
      if (size <= maxBytes) {
        parts.push(part)
        return
      }
      // It takes the connection with it.
      answer.destroy()
      reject(new PgherdError('BAD_DATA', `the answer is larger than ${maxBytes} bytes`))
    })
    // A copy, as a part may be a corner of a large buffer.
    answer.on('end', () => resolve(Buffer.concat(parts)))
    answer.on('error', reject)
    answer.on('close', () => reject(new Error('the answer was broken off')))
  })
}

/** Whatever comes of the body; a connection whose body has not ended is closed. */
async function readExcerpt(answer: http.IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let size = 0
  const timer = setTimeout(() => answer.destroy(), excerptMs)
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      parts.push(part.subarray(0, maxBytes - size))
      size += part.length
      if (size >= maxBytes) break
    }
  } catch {
    // What broke is the rest of an answer whose status is known.
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(parts)
}
