import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { remoteAddressOf } from '../remote-address.ts'
import type { AuthService } from './auth-service.ts'
import { authenticate } from './authenticate.ts'
import type { Failure } from './authenticate.ts'
import { createFailureLimit } from './failure-limit.ts'
import { describeRefusal, isAllowed } from './needed-role.ts'

/** Reasons for which a request is refused, as the metric has them. */
export type RefusedReason = Failure['reason'] | 'forbidden' | 'limited'

export interface RequireRoleOptions {
  readonly auth: AuthService
  readonly clock: Clock
  readonly log: Log
  readonly onRefused: (reason: RefusedReason) => void
}

/**
 * Lets a request through to its route when whoever sends it may use that, and notes who it is. Only what no route takes
 * passes without: which paths there are is no secret.
 */
export function requireRole(app: FastifyInstance, options: RequireRoleOptions): void {
  const { auth, clock, log, onRefused } = options
  const limit = createFailureLimit(clock)
  const unauthenticated = (request: FastifyRequest, { reason, message }: Failure): PgherdError => {
    onRefused(reason)
    // Who sends nothing guesses nothing.
    if (reason === 'missing') return new PgherdError('UNAUTHENTICATED', message)
    const address = remoteAddressOf(request)
    if (!limit.note(address)) {
      onRefused('limited')
      return new PgherdError('OVERLOADED', `too many failed attempts from ${address}: wait a moment`)
    }
    log.warn({ remoteAddress: address, reason, route: request.routeOptions.url }, 'auth: refused')
    return new PgherdError('UNAUTHENTICATED', message)
  }
  app.decorateRequest('principal', null)
  app.addHook('onRequest', (request, reply, done) => {
    const { role, agents = false } = request.routeOptions.config
    if (request.is404 || role === 'open') {
      done()
      return
    }
    const principal = authenticate(request, auth, clock)
    if ('reason' in principal) {
      const error = unauthenticated(request, principal)
      // No offer of Basic, which is taken all the same: browsers answer it with a window of their own.
      if (error.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', challenge(principal))
      done(error)
      return
    }
    if (role === undefined || !isAllowed(principal, { role, agents })) {
      onRefused('forbidden')
      done(new PgherdError('REFUSED', describeRefusal(principal, role)))
      return
    }
    request.principal = principal
    done()
  })
}

/** RFC 6750, 3. */
function challenge({ reason }: Failure): string {
  const isToken = reason === 'unknown' || reason === 'expired' || reason === 'revoked'
  return `Bearer realm="pgherd"${isToken ? ', error="invalid_token"' : ''}`
}
