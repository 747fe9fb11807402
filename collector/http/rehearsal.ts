import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Registry } from 'prom-client'
import { PgherdError } from '../../common/errors.ts'
import { createHttpClient } from '../../common/http-client.ts'
import { silentLog } from '../../common/log.ts'
import type { AuthService } from './auth/auth-service.ts'
import type { HttpDependencies } from './dependencies.ts'
import { createHttpServer } from './server.ts'

/** Requests of the collector to itself. */
export interface Rehearsal extends AsyncDisposable {
  readonly url: string
  /**
   * Sends a GET as a client would, and throws the answer away.
   * @param path with its parameters
   * @throws PgherdError QUERY_FAILED for any status but 200, UNREACHABLE, TIMED_OUT, CANCELLED
   */
  ask(path: string, signal: AbortSignal): Promise<void>
}

const timeoutMs = 1_000
const connections = 8

/**
 * The HTTP API a second time, on a port of loopback that nobody is told and with a token that nobody else has. It answers
 * from the same parts by the same code, and V8 keeps what it learns of code, not of servers; but what it counts, logs
 * and remembers of requests is its own and goes away with it.
 */
export async function openRehearsal(deps: HttpDependencies): Promise<Rehearsal> {
  await using stack = new AsyncDisposableStack()
  const token = randomBytes(32).toString('base64url')
  const server = stack.use(
    await createHttpServer({
      ...deps,
      log: silentLog,
      registry: new Registry(),
      auth: onlyFor(token),
      isReady: () => false,
      limits: { ...deps.limits, connections },
    }),
  )
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const client = stack.use(createHttpClient({ connections: 1 }))
  const headers = { authorization: `Bearer ${token}` }
  const owned = stack.move()
  return {
    url,
    async ask(path, signal) {
      const { status } = await client.send({
        method: 'GET',
        url: `${url}${path}`,
        headers,
        timeoutMs,
        signal,
      })
      if (status !== 200) throw new PgherdError('QUERY_FAILED', `the collector answered itself ${status}`)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Knows one token, which may look at everything and change nothing. */
function onlyFor(token: string): AuthService {
  const expected = digest(token)
  const nothing = (): never => {
    throw new PgherdError('REFUSED', 'this is not where tokens are given')
  }
  return {
    checkToken: (given) =>
      timingSafeEqual(digest(given), expected)
        ? { name: 'the collector itself', role: 'viewer' }
        : { refused: 'unknown' },
    certificateProblem: () => 'unknown',
    onRevoked: () => undefined,
    tokens: { create: nothing, list: () => [], revoke: nothing },
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
