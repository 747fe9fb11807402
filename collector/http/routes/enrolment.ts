import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import { joinPath, joinRequest, renewPath, renewRequest } from '../../../common/wire/join.ts'
import { createJoinToken, revokeNode } from '../../../common/wire/tokens.ts'
import type { ApiContext } from '../api-context.ts'
import type { AuthService } from '../auth/auth-service.ts'
import { actorOf } from '../auth/principal.ts'
import { readBody } from '../json-body.ts'
import { requireSameOrigin } from '../same-origin.ts'

type OfNode = FastifyRequest<{ Params: { node: string } }>

/** Of a csr as JSON: those of the kinds of key that are taken have a kilobyte. */
const bodyLimit = 32 * 1024

/**
 * POST /api/v1/nodes/:node/join-token and revoke for admins, POST /api/v1/agent/join for whoever has a join token,
 * POST /api/v1/agent/renew for agents: common/wire/join.ts and tokens.ts have their shapes.
 */
export function addEnrolment(app: FastifyInstance, { deps, refusals }: ApiContext): void {
  const admin = { config: { role: 'admin' } } as const
  const enrolment = (): NonNullable<AuthService['enrolment']> => {
    if (deps.auth.enrolment !== undefined) return deps.auth.enrolment
    throw new PgherdError('NOT_SUPPORTED', 'this collector has no authority: run pgherd-collector init')
  }
  app.post('/api/v1/nodes/:node/join-token', admin, async (request: OfNode) => {
    requireSameOrigin(request)
    const { lifetime_ms: lifetimeMs } = readBody(createJoinToken, request)
    return {
      status: 'success',
      data: await enrolment().offer(request.params.node, lifetimeMs, actorOf(request)),
    }
  })
  app.post('/api/v1/nodes/:node/revoke', admin, async (request: OfNode) => {
    requireSameOrigin(request)
    const { reason } = readBody(revokeNode, request)
    return {
      status: 'success',
      data: await enrolment().revoke(request.params.node, reason, actorOf(request)),
    }
  })
  app.post(joinPath, { bodyLimit, config: { role: 'open' } }, async (request) => {
    const { token, csr, node } = readBody(joinRequest, request)
    try {
      return { status: 'success', data: await enrolment().join(token, csr, node) }
    } catch (error) {
      if (!(error instanceof PgherdError) || error.code !== 'UNAUTHENTICATED') throw error
      throw refusals.unauthenticated(request, { reason: 'join-token', message: error.message })
    }
  })
  app.post(renewPath, { bodyLimit, config: { role: 'agent' } }, async (request) => {
    const { csr } = readBody(renewRequest, request)
    const { principal } = request
    if (principal?.kind !== 'agent') throw refusals.forbidden('only an agent with a certificate can renew it')
    return { status: 'success', data: await enrolment().renew(principal.node, principal.serial, csr) }
  })
}
