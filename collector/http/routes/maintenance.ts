import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { requireAdministration } from '../require-store.ts'
import { requireSameOrigin } from '../same-origin.ts'

/**
 * What asks the store to tidy up at once: /api/v1/admin/tsdb/clean_tombstones of Prometheus, which is answered when it
 * is done, and /internal/force_merge of VictoriaMetrics, which only starts it. /internal/force_flush has nothing to do:
 * what is acknowledged is durable and visible.
 */
export function addMaintenance(scope: FastifyInstance, { deps }: ApiContext): void {
  const maintain = (request: FastifyRequest): Promise<void> => {
    requireSameOrigin(request)
    const administration = requireAdministration(deps)
    if (administration.maintain === undefined) {
      throw new PgherdError('NOT_SUPPORTED', 'the store behind this collector tidies up by itself only')
    }
    return administration.maintain()
  }
  const clean = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    await maintain(request)
    return reply.code(204).send()
  }
  scope.post('/api/v1/admin/tsdb/clean_tombstones', clean)
  scope.put('/api/v1/admin/tsdb/clean_tombstones', clean)
  const merge = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    maintain(request).catch((error: unknown) =>
      deps.log.error({ err: error }, 'a merge that was asked for failed'),
    )
    return reply.type('text/plain').send('OK')
  }
  scope.get('/internal/force_merge', { exposeHeadRoute: false }, merge)
  scope.post('/internal/force_merge', merge)
  const flush = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    requireSameOrigin(request)
    return reply.type('text/plain').send('OK')
  }
  scope.get('/internal/force_flush', flush)
  scope.post('/internal/force_flush', flush)
}
