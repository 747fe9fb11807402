import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { PgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { answerError } from './error-answer.ts'

/**
 * Refuses requests for a host that is not this one. A page of another site may let its own name lead to this address
 * (DNS rebinding), and for the browser everything here is then a part of that site; what gives it away is the name in
 * the Host header. Addresses and localhost are no names that anybody else could give away.
 * @param names other names under which the collector is reached, without ports
 */
export function requireOwnHost(app: FastifyInstance, log: Log, names: readonly string[]): void {
  const own = new Set(names.map((name) => name.toLowerCase()))
  app.addHook('onRequest', (request, reply, done) => {
    const { host } = request.headers
    if (host === undefined || host === '' || isOwn(host, own)) done()
    else answerError(log, refused(host), request, reply)
  })
}

function isOwn(host: string, names: ReadonlySet<string>): boolean {
  const name = host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase()
  if (name === 'localhost' || name.endsWith('.localhost') || names.has(name)) return true
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}

function refused(host: string): PgherdError {
  return new PgherdError(
    'REFUSED',
    `"${host.slice(0, 128)}" is no name of this collector; what people reach it under is set by http.external_url`,
  )
}
