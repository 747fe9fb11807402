import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'

/** GET /api/v1/nodes: the fleet as common/wire/nodes.ts describes it. */
export function addNodes(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/nodes', async (request) => ({
    status: 'success',
    data: await deps.nodes(request.signal),
  }))
}
