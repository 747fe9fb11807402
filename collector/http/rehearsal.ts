import * as http from 'node:http'
import { Registry } from 'prom-client'
import { PgherdError } from '../../common/errors.ts'
import { silentLog } from '../../common/log.ts'
import type { AuthService } from './auth/auth-service.ts'
import type { HttpDependencies } from './dependencies.ts'
import { createHttpServer } from './server.ts'
import type { HttpServer } from './server.ts'

/** Requests of the collector to itself. */
export interface Rehearsal extends AsyncDisposable {
  /**
   * Sends a GET as a client would, and throws the answer away.
   * @param path with its parameters
   * @throws PgherdError QUERY_FAILED for any status but 200, or for no answer
   */
  ask(path: string, signal: AbortSignal): Promise<void>
}

const timeoutMs = 1_000

/**
 * The HTTP API a second time, over connections within the process: nothing listens, so nobody else can come. It answers
 * from the same parts by the same code, and V8 keeps what it learns of code, not of servers; but what it counts, logs
 * and remembers of requests is its own and goes away with it.
 */
export async function openRehearsal(deps: HttpDependencies): Promise<Rehearsal> {
  const server = await createHttpServer({
    ...deps,
    log: silentLog,
    registry: new Registry(),
    auth: looksOnly,
    isReady: () => false,
  })
  return {
    async ask(path, signal) {
      const status = await statusOf(server, path, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]))
      if (status !== 200) throw new PgherdError('QUERY_FAILED', `the collector answered itself ${status}`)
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function statusOf(server: HttpServer, path: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(new PgherdError('QUERY_FAILED', 'the collector did not answer itself', { cause }))
    const request = http.request({
      path,
      signal,
      headers: { host: 'localhost', authorization: 'Bearer itself' },
      createConnection: () => server.connect(),
    })
    request.on('error', fail)
    request.on('response', (answer) => {
      answer.on('error', fail)
      answer.on('end', () => resolve(answer.statusCode ?? 0))
      answer.resume()
    })
    request.end()
  })
}

const nothing = (): never => {
  throw new PgherdError('REFUSED', 'this is not where tokens are given')
}

const looksOnly: AuthService = {
  checkToken: () => ({ name: 'the collector itself', role: 'viewer' }),
  certificateProblem: () => 'unknown',
  onRevoked: () => undefined,
  tokens: { create: nothing, list: () => [], revoke: nothing },
}
