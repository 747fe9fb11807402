import { z } from 'zod'
import { PgherdError } from '../common/errors.ts'
import type { ErrorCode } from '../common/errors.ts'
import type { HttpClient } from '../common/http-client.ts'
import { errorAnswer } from '../common/wire/nodes.ts'

export interface CallBody {
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** Beyond the usual wait, for a question that the collector holds open. */
  readonly extraMs?: number
  readonly signal?: AbortSignal
}

/** The collector's HTTP API, as far as the commands need it: the only thing agentctl ever talks to. */
export interface CollectorClient {
  /**
   * One call; the answer's body is checked against `schema`.
   * @throws PgherdError UNREACHABLE or TIMED_OUT, or what the collector's own error stands for
   */
  call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, schema: z.ZodType<T>, body?: CallBody): Promise<T>
}

/** What Prometheus' error types (and ours beyond them) mean in our catalogue. */
const codes: Readonly<Record<string, ErrorCode>> = {
  bad_data: 'QUERY_INVALID',
  execution: 'QUERY_FAILED',
  timeout: 'TIMED_OUT',
  canceled: 'CANCELLED',
  not_found: 'NOT_FOUND',
  unavailable: 'UNREACHABLE',
  too_many_requests: 'OVERLOADED',
  forbidden: 'REFUSED',
  unauthorized: 'UNAUTHENTICATED',
}

export function createCollectorClient(options: {
  readonly http: HttpClient
  readonly url: string
  readonly token: string | undefined
  readonly timeoutMs: number
}): CollectorClient {
  const shownUrl = withoutCredentials(options.url)
  const authorization = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }
  return {
    async call(method, path, schema, body = {}) {
      const content = contentOf(body)
      const request = {
        method,
        url: `${options.url}${path}`,
        timeoutMs: options.timeoutMs + (body.extraMs ?? 0),
        headers: { accept: 'application/json', ...authorization, ...content?.headers },
        ...(content === undefined ? {} : { body: content.text }),
        ...(body.signal === undefined ? {} : { signal: body.signal }),
        maxAnswerBytes: 256 * 1024 * 1024,
      } as const
      const answer = await options.http.send(request).catch((error: unknown) => {
        if (!(error instanceof PgherdError) || error.code !== 'UNREACHABLE') throw error
        const hint = 'is the collector running there? (--collector or $PGHERD_COLLECTOR_URL)'
        throw new PgherdError('UNREACHABLE', `${error.message}; ${hint}`, { cause: error })
      })
      const text = new TextDecoder().decode(answer.body)
      // What is done and has nothing to say.
      const isDone = text === '' && answer.status >= 200 && answer.status < 300
      const parsed = isDone ? null : parseJson(text, shownUrl)
      const failure = errorAnswer.safeParse(parsed)
      if (failure.success) {
        const code = codes[failure.data.errorType] ?? 'INTERNAL'
        const hint =
          code === 'UNAUTHENTICATED' && options.token === undefined
            ? '; no token was sent (--token-file, $PGHERD_TOKEN or agentctl config set token_file)'
            : ''
        throw new PgherdError(code, `${failure.data.error}${hint}`)
      }
      const data = schema.safeParse(parsed)
      if (data.success) return data.data
      throw new PgherdError('BAD_DATA', `${shownUrl} does not answer like a pgherd collector (${path})`, {
        details: { status: answer.status, issues: data.error.issues.slice(0, 3) },
      })
    },
  }
}

function contentOf({
  form,
  json,
}: CallBody): { readonly headers: Record<string, string>; readonly text: string } | undefined {
  if (form !== undefined) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return { headers, text: new URLSearchParams(form).toString() }
  }
  if (json === undefined) return undefined
  return { headers: { 'content-type': 'application/json' }, text: JSON.stringify(json) }
}

/** Errors end up in terminals that are recorded and in logs. */
function withoutCredentials(text: string): string {
  const url = new URL(text)
  url.username = url.password = ''
  return url.href.replace(/\/+$/, '')
}

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new PgherdError('BAD_DATA', `${url} does not answer with JSON: is it a pgherd collector?`, {
      cause: error,
    })
  }
}
