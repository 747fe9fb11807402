import { PgherdError } from '../../common/errors.ts'
import { credentialHeaders } from '../../common/http-credentials.ts'
import type { HttpCredentials } from '../../common/http-credentials.ts'
import type { HttpAnswer, HttpRequest, HttpStream, StreamingHttpClient } from '../../common/http-client.ts'

/** How a Prometheus or VictoriaMetrics is asked. */
export interface Web {
  readonly url: string
  /** @throws PgherdError as HttpClient.send, and for any status that is not 2xx */
  send(request: WebRequest): Promise<HttpAnswer>
  /** @throws PgherdError as HttpClient.stream; every status is an answer */
  stream(request: WebRequest): Promise<HttpStream>
}

export type WebRequest = Pick<HttpRequest, 'method' | 'headers' | 'body' | 'maxAnswerBytes'> & {
  /** Behind the base. */
  readonly path: string
  readonly timeoutMs?: number
}

/** One that hangs is to be noticed: what is slow says so by its own `timeoutMs`. */
const usualTimeoutMs = 60_000

export function createWeb(http: StreamingHttpClient, base: string, credentials: HttpCredentials): Web {
  const url = base.replace(/\/$/, '')
  const wanted = async ({ path, headers, timeoutMs = usualTimeoutMs, ...rest }: WebRequest) => ({
    ...rest,
    url: url + path,
    headers: { ...headers, ...(await credentialHeaders(credentials)) },
    timeoutMs,
  })
  return {
    url,
    stream: async (request) => http.stream(await wanted(request)),
    async send(request) {
      const answer = await http.send(await wanted(request))
      if (answer.status < 300) return answer
      throw statusError(`${url}${request.path}`, answer)
    },
  }
}

function statusError(url: string, { status, body }: HttpAnswer): PgherdError {
  const text = Buffer.from(body).toString('utf8').trim().slice(0, 500)
  const message = `${url} answered ${status}${text === '' ? '' : `: ${text}`}`
  if (status === 401) return new PgherdError('UNAUTHENTICATED', message)
  if (status === 403) return new PgherdError('REFUSED', message)
  if (status === 404) return new PgherdError('NOT_FOUND', message)
  // What a server says of an answer that is more than it is allowed to give.
  if (/limit/.test(text) && status < 500) return new PgherdError('REQUEST_TOO_LARGE', message)
  return new PgherdError(status === 429 || status >= 500 ? 'UNREACHABLE' : 'BAD_DATA', message)
}
