import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { requireAdministration } from '../require-store.ts'
import { requireSameOrigin } from '../same-origin.ts'

/**
 * What asks a store to tidy up. Deleted samples are gone when deletion is answered, and what was written is durable and
 * visible then too, so that all of it is done already: these say so once the store is known to work like that.
 */
export function addMaintenance(scope: FastifyInstance, { deps }: ApiContext): void {
  const nothingLeft = (request: FastifyRequest): void => {
    requireSameOrigin(request)
    requireAdministration(deps)
  }
  const clean = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    nothingLeft(request)
    return reply.code(204).send()
  }
  scope.post('/api/v1/admin/tsdb/clean_tombstones', clean)
  scope.put('/api/v1/admin/tsdb/clean_tombstones', clean)
  const flush = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    nothingLeft(request)
    return reply.type('text/plain').send('OK')
  }
  for (const path of ['/internal/force_flush', '/internal/force_merge']) {
    scope.get(path, flush)
    scope.post(path, flush)
  }
}
