import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'

/** GET /api/v1/alerts: every pending and firing alert. */
export function addAlerts(scope: FastifyInstance, { deps }: ApiContext): void {
  scope.get('/api/v1/alerts', () => ({ status: 'success', data: { alerts: deps.alerts() } }))
}
