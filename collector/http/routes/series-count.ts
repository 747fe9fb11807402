import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { askStore } from '../ask-store.ts'
import { requireCardinality } from '../require-store.ts'

const allTime = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

/** GET and POST /api/v1/series/count: how many series the store has, whenever they had samples. */
export function addSeriesCount(scope: FastifyInstance, context: ApiContext): void {
  const answer = async (_request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const counts = await askStore(context, reply, () =>
      requireCardinality(context.deps).cardinality({ top: 1, selectors: [], range: allTime }),
    )
    return { status: 'success', data: [counts.totalSeries] }
  }
  scope.get('/api/v1/series/count', answer)
  scope.post('/api/v1/series/count', answer)
}
