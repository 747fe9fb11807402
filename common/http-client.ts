import { Agent, request } from 'undici'
import { PgherdError, messageOf, systemCodeOf } from './errors.ts'

export interface HttpAnswer {
  readonly status: number
  /** Lower-case names; a repeated header keeps its last value. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** One bound on the whole exchange, from connecting to the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** A larger answer is an error; 16 MiB unless told. */
  readonly maxAnswerBytes?: number
}

export interface HttpClient extends AsyncDisposable {
  /**
   * Any status is an answer; only a failed exchange throws.
   * @throws PgherdError UNREACHABLE, TIMED_OUT, CANCELLED, or BAD_DATA for an answer over the limit
   */
  send(request: HttpRequest): Promise<HttpAnswer>
}

/** Keep-alive connections, one pool per origin; disposing closes them. */
export function createHttpClient(options: { connections?: number } = {}): HttpClient {
  const dispatcher = new Agent({
    connections: options.connections ?? 4,
    keepAliveTimeout: 30_000,
    connect: { timeout: 10_000 },
  })
  return {
    async send(wanted) {
      const deadline = AbortSignal.timeout(wanted.timeoutMs)
      const signal = wanted.signal === undefined ? deadline : AbortSignal.any([deadline, wanted.signal])
      try {
        const answer = await request(wanted.url, {
          dispatcher,
          method: wanted.method,
          headers: { ...wanted.headers },
          body: wanted.body ?? null,
          signal,
        })
        return {
          status: answer.statusCode,
          headers: flatten(answer.headers),
          body: await readBounded(answer.body, wanted.maxAnswerBytes ?? 16 * 1024 * 1024),
        }
      } catch (error) {
        if (error instanceof PgherdError) throw error
        const origin = originOf(wanted.url)
        if (wanted.signal?.aborted === true) {
          throw new PgherdError('CANCELLED', `the request to ${origin} was cancelled`, { cause: error })
        }
        if (deadline.aborted) {
          throw new PgherdError('TIMED_OUT', `${origin} did not answer within ${wanted.timeoutMs} ms`, {
            cause: error,
          })
        }
        const code = systemCodeOf(error)
        throw new PgherdError('UNREACHABLE', `cannot reach ${origin}: ${code ?? messageOf(error)}`, {
          cause: error,
        })
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  }
}

/** Host and port only: a URL may carry a password or a token, and errors are logged. */
function originOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return 'the given URL'
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined) out[name] = last
  }
  return out
}

async function readBounded(body: AsyncIterable<unknown>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    const bytes = part as Uint8Array
    size += bytes.length
    if (size > maxBytes) throw new PgherdError('BAD_DATA', `the answer is larger than ${maxBytes} bytes`)
    parts.push(bytes)
  }
  return Buffer.concat(parts)
}
