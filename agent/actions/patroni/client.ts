import { PgherdError } from '../../../common/errors.ts'
import { createHttpClient } from '../../../common/http-client.ts'
import { credentialHeaders, readTlsFiles } from '../../../common/http-credentials.ts'
import { resolveAccess } from '../../../common/patroni/access.ts'
import type { PatroniAccess } from './access.ts'
import { plainAnswer } from './plain-answer.ts'

/** Patroni's REST API; the local one, and for looking those of the other members. */
export interface PatroniClient extends Disposable {
  /** Of the local one. */
  readonly origin: string
  /** Of the local member, where Patroni's own file is known. */
  readonly name: string | undefined
  /**
   * A document as JSON. Reading takes no credentials, so none go to another member.
   * @param origin of another member
   * @throws PgherdError UNREACHABLE, TIMED_OUT, BAD_DATA, REFUSED or COMMAND_FAILED
   */
  get(path: string, origin?: string): Promise<unknown>
  /** Only the status, undefined where nothing answers in time. Patroni's health paths answer 200 or 503. */
  status(path: string, origin: string): Promise<number | undefined>
  /** What changes something. Its text carries the truth. @throws PgherdError UNREACHABLE, TIMED_OUT or CANCELLED */
  change(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
    bounds: {
      readonly timeoutMs: number
      readonly signal: AbortSignal
      /** Of another member, which then gets the credentials, as patronictl gives them to it. */
      readonly origin?: string
    },
  ): Promise<{ readonly status: number; readonly text: string }>
}

/** While PostgreSQL hangs, Patroni waits two seconds for it before it answers. */
const readMs = 5_000
const statusMs = 1_000
const maxAnswerBytes = 1 << 20

/** @throws PgherdError CONFIG_INVALID for a file that cannot be read */
export async function openPatroni(access: PatroniAccess): Promise<PatroniClient> {
  const { origin: own, name, credentials, tls } = await resolveAccess(access)
  const authorization = await credentialHeaders(credentials)
  const http = createHttpClient({
    connections: 4,
    ...(tls === undefined ? {} : { tls: await readTlsFiles(tls) }),
  })
  return {
    origin: own,
    name,
    async get(path, origin = own) {
      const { status, body } = await http.send({
        method: 'GET',
        url: `${origin}${path}`,
        timeoutMs: readMs,
        maxAnswerBytes,
      })
      if (status !== 200) throw refusalOf(`GET ${path} of ${origin}`, status, decode(body))
      try {
        return JSON.parse(decode(body)) as unknown
      } catch (error) {
        throw new PgherdError('BAD_DATA', `${origin}${path} was not answered with JSON`, { cause: error })
      }
    },
    async status(path, origin) {
      try {
        const { status } = await http.send({
          method: 'GET',
          url: `${origin}${path}`,
          timeoutMs: statusMs,
          maxAnswerBytes,
        })
        return status
      } catch {
        return undefined
      }
    },
    async change(method, path, body, { origin = own, ...bounds }) {
      const { status, body: answer } = await http.send({
        method,
        url: `${origin}${path}`,
        headers: { ...authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        maxAnswerBytes,
        ...bounds,
      })
      const text = decode(answer)
      if (status === 401 || status === 403) throw refusalOf(`${method} ${path} of ${origin}`, status, text)
      return { status, text }
    },
    [Symbol.dispose]: () => http[Symbol.dispose](),
  }
}

function refusalOf(what: string, status: number, text: string): PgherdError {
  const said = plainAnswer(text, 200)
  if (status === 401) {
    const message = `${what}: Patroni asks for a user and password (username and password_file of the neighbour, or its config_file)`
    return new PgherdError('REFUSED', message)
  }
  if (status === 403) return new PgherdError('REFUSED', `${what}: Patroni refuses this client: ${said}`)
  return new PgherdError('COMMAND_FAILED', `${what} was answered with ${status}: ${said}`)
}

function decode(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString().trim()
}
