import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../common/clock.ts'
import { giveUp, givenUp } from '../client-gone.ts'
import type { AuthService } from './auth-service.ts'
import { authenticate } from './authenticate.ts'
import type { Failure } from './authenticate.ts'
import { describeRefusal, isAllowed } from './needed-role.ts'
import type { OpenRequests } from './open-requests.ts'
import type { Refusals } from './refusals.ts'

export interface RequireRoleOptions {
  readonly auth: AuthService
  readonly clock: Clock
  readonly refusals: Refusals
  readonly openRequests: OpenRequests
}

/**
 * Lets a request through to its route when whoever sends it may use that, and notes who it is. Only what no route takes
 * passes without: which paths there are is no secret.
 * A body may take its time: who has been revoked before it was whole is not answered either. What is under way then ends,
 * unless it is done within moments.
 */
export function requireRole(app: FastifyInstance, options: RequireRoleOptions): void {
  const { auth, clock, refusals } = options
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
    if (principal.kind !== 'anonymous') endWithPrincipal(request, reply, options)
    done()
  })
  app.addHook('preValidation', (request, _reply, done) => {
    const isLater = request.principal !== null && request.body !== undefined && request.body !== null
    const again = isLater ? authenticate(request, auth, clock) : undefined
    if (again === undefined || !('reason' in again)) done()
    else done(refusals.unauthenticated(request, again))
  })
}

/** A channel looks after itself: what it was opened with is not answered any more. */
function endWithPrincipal(
  request: FastifyRequest,
  reply: FastifyReply,
  { refusals, openRequests }: RequireRoleOptions,
): void {
  if (request.routeOptions.config.role === 'agent' && request.headers.upgrade !== undefined) return
  const unwatch = openRequests.watch(request, (failure) => {
    const isAgain = givenUp(reply) !== undefined
    if (!isAgain) giveUp(reply, refusals.ended(request, failure))
    // Of an answer that has begun nothing can be taken back, but the rest.
    if (isAgain || reply.raw.headersSent) reply.raw.destroy()
  })
  reply.raw.once('close', unwatch)
}

/** RFC 6750, 3. */
function challenge({ reason }: Failure): string {
  const isToken = reason === 'unknown' || reason === 'expired' || reason === 'revoked'
  return `Bearer realm="pgherd"${isToken ? ', error="invalid_token"' : ''}`
}
