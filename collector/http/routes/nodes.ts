import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { clientGone } from '../client-gone.ts'

/** GET /api/v1/nodes: the fleet as common/wire/nodes.ts describes it. */
export function addNodes(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/nodes', { config: { role: 'viewer' } }, async (_request, reply) => ({
    status: 'success',
    data: await deps.nodes(clientGone(reply)),
  }))
}
