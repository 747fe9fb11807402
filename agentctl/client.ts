import { z } from 'zod'
import { PgherdError } from '../common/errors.ts'
import type { ErrorCode } from '../common/errors.ts'
import type { HttpClient } from '../common/http-client.ts'
import { errorAnswer } from '../common/wire/nodes.ts'

/** The collector's HTTP API, as far as the commands need it: the only thing agentctl ever talks to. */
export interface CollectorClient {
  /**
   * One call; the answer's body is checked against `schema`.
   * @throws PgherdError UNREACHABLE or TIMED_OUT, or what the collector's own error stands for
   */
  call<T>(
    method: 'GET' | 'POST',
    path: string,
    schema: z.ZodType<T>,
    form?: Readonly<Record<string, string>>,
  ): Promise<T>
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
}

export function createCollectorClient(options: {
  http: HttpClient
  url: string
  timeoutMs: number
}): CollectorClient {
  const shownUrl = withoutCredentials(options.url)
  return {
    async call(method, path, schema, form) {
      const request = {
        method,
        url: `${options.url}${path}`,
        timeoutMs: options.timeoutMs,
        headers: {
          accept: 'application/json',
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
        maxAnswerBytes: 256 * 1024 * 1024,
      } as const
      const answer = await options.http.send(request).catch((error: unknown) => {
        if (!(error instanceof PgherdError) || error.code !== 'UNREACHABLE') throw error
        const hint = 'is the collector running there? (--collector or $PGHERD_COLLECTOR_URL)'
        throw new PgherdError('UNREACHABLE', `${error.message}; ${hint}`, { cause: error })
      })
      const body = parseJson(new TextDecoder().decode(answer.body), shownUrl)
      const failure = errorAnswer.safeParse(body)
      if (failure.success) {
        throw new PgherdError(codes[failure.data.errorType] ?? 'INTERNAL', failure.data.error)
      }
      const data = schema.safeParse(body)
      if (data.success) return data.data
      throw new PgherdError('BAD_DATA', `${shownUrl} does not answer like a pgherd collector (${path})`, {
        details: { status: answer.status, issues: data.error.issues.slice(0, 3) },
      })
    },
  }
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
