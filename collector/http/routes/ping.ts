import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { clientGone } from '../client-gone.ts'
import { requireSameOrigin } from '../same-origin.ts'

/** POST /api/v1/nodes/:node/ping: asks the agent itself. */
export function addPing(scope: FastifyInstance, { deps }: ApiContext): void {
  scope.post(
    '/api/v1/nodes/:node/ping',
    { config: { role: 'operator' } },
    async (request: FastifyRequest<{ Params: { node: string } }>, reply) => {
      requireSameOrigin(request)
      return { status: 'success', data: await deps.ping(request.params.node, clientGone(reply)) }
    },
  )
}
