import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createToken } from '../../../common/wire/tokens.ts'
import type { ApiContext } from '../api-context.ts'
import { actorOf } from '../auth/principal.ts'
import { readBody } from '../json-body.ts'
import { requireSameOrigin } from '../same-origin.ts'

const admin = { config: { role: 'admin' } } as const

/** GET and POST /api/v1/tokens, DELETE /api/v1/tokens/:id: common/wire/tokens.ts has their shapes. */
export function addTokens(app: FastifyInstance, { deps }: ApiContext): void {
  const { tokens } = deps.auth
  app.get('/api/v1/tokens', admin, () => ({ status: 'success', data: tokens.list() }))
  app.post('/api/v1/tokens', admin, async (request) => {
    requireSameOrigin(request)
    const { name, role, lifetime_ms: lifetimeMs } = readBody(createToken, request)
    return { status: 'success', data: await tokens.create({ name, role, lifetimeMs }, actorOf(request)) }
  })
  app.delete('/api/v1/tokens/:id', admin, async (request: FastifyRequest<{ Params: { id: string } }>) => {
    requireSameOrigin(request)
    return { status: 'success', data: await tokens.revoke(request.params.id, actorOf(request)) }
  })
}
