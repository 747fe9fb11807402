import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../../common/clock.ts'
import type { AuthService } from './auth-service.ts'
import { authenticate } from './authenticate.ts'
import type { Failure } from './authenticate.ts'
import { describeRefusal, isAllowed } from './needed-role.ts'
import type { Refusals } from './refusals.ts'

export interface RequireRoleOptions {
  readonly auth: AuthService
  readonly clock: Clock
  readonly refusals: Refusals
}

/**
 * Lets a request through to its route when whoever sends it may use that, and notes who it is. Only what no route takes
 * passes without: which paths there are is no secret.
 * A body may take its time: who has been revoked before it was whole is not answered either.
 */
export function requireRole(app: FastifyInstance, { auth, clock, refusals }: RequireRoleOptions): void {
  app.decorateRequest('principal', null)
  app.addHook('onRequest', (request, reply, done) => {
    const { role, agents = false } = request.routeOptions.config
    if (request.is404 || role === 'open') {
      done()
      return
    }
    const principal = authenticate(request, auth, clock)
    if ('reason' in principal) {
      const error = refusals.unauthenticated(request, principal)
      // No offer of Basic, which is taken all the same: browsers answer it with a window of their own.
      if (error.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', challenge(principal))
      done(error)
      return
    }
    if (role === undefined || !isAllowed(principal, { role, agents })) {
      done(refusals.forbidden(describeRefusal(principal, role)))
      return
    }
    request.principal = principal
    done()
  })
  app.addHook('preValidation', (request, _reply, done) => {
    const isLater = request.principal !== null && request.body !== undefined && request.body !== null
    const again = isLater ? authenticate(request, auth, clock) : undefined
    if (again === undefined || !('reason' in again)) done()
    else done(refusals.unauthenticated(request, again))
  })
}

/** RFC 6750, 3. */
function challenge({ reason }: Failure): string {
  const isToken = reason === 'unknown' || reason === 'expired' || reason === 'revoked'
  return `Bearer realm="pgherd"${isToken ? ', error="invalid_token"' : ''}`
}
