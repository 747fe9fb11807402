import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'

/** GET /metrics: the collector about itself, as Prometheus text. */
export function addMetrics(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/metrics', { config: { role: 'viewer' } }, async (_request, reply) =>
    reply.type(deps.registry.contentType).send(await deps.registry.metrics()),
  )
}
