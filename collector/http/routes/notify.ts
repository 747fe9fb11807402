import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { clientGone } from '../client-gone.ts'

/** GET /api/v1/notify: how alerts go out, and how that goes; common/alerts/notify-view.ts has the shape. */
export function addNotify(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/notify', { config: { role: 'viewer' } }, async (_request, reply) => ({
    status: 'success',
    data: await deps.notify(clientGone(reply)),
  }))
}
