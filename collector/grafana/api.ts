import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { HttpClient } from '../../common/http-client.ts'

const timeoutMs = 30_000

/** Grafana says what is wrong in `message`, and for some refusals what kind it is in `status`. */
const failure = z.object({ message: z.string().default(''), status: z.string().default('') })

export interface Refused {
  readonly status: number
  readonly message: string
  /** `version-mismatch`, `name-exists` and their like; empty where Grafana names none. */
  readonly kind: string
}

export type Answered = { readonly ok: true; readonly body: unknown } | ({ readonly ok: false } & Refused)

export interface GrafanaApi {
  /** 200 to 299 is ok; so is every other status that `taken` lists, which the caller understands. */
  ask(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    taken: readonly number[],
    body?: unknown,
  ): Promise<Answered>
}

/**
 * Grafana's HTTP API (grafana.com/docs/grafana/latest/developers/http_api).
 * @param url of Grafana, with the path that it is served under
 * @param authorization a whole header
 */
export function createGrafanaApi(http: HttpClient, url: string, authorization: string): GrafanaApi {
  const base = url.replace(/\/+$/, '')
  return {
    async ask(method, path, taken, body) {
      const answer = await http.send({
        method,
        url: `${base}${path}`,
        headers: { authorization, accept: 'application/json', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        timeoutMs,
      })
      const text = Buffer.from(answer.body).toString('utf8')
      if (answer.status >= 200 && answer.status < 300) return { ok: true, body: parsed(text, base) }
      const { status } = answer
      const told = failure.safeParse(jsonOf(text))
      const { message, status: kind } = told.success ? told.data : { message: '', status: '' }
      if (taken.includes(status)) return { ok: false, status, message, kind }
      throw errorOf(status, `${method} ${path}: ${message === '' ? `HTTP ${status}` : message}`)
    },
  }
}

function parsed(text: string, base: string): unknown {
  const value = jsonOf(text)
  if (value !== undefined) return value
  throw new PgherdError(
    'BAD_DATA',
    `${base} does not answer as Grafana does; is it its address, with its path?`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function errorOf(status: number, text: string): PgherdError {
  if (status === 401)
    return new PgherdError('UNAUTHENTICATED', `Grafana does not know the token or the password: ${text}`)
  if (status === 403) {
    return new PgherdError(
      'REFUSED',
      `Grafana does not allow that; the service account needs the role Admin: ${text}`,
    )
  }
  return new PgherdError('COMMAND_FAILED', `Grafana answers: ${text}`)
}
