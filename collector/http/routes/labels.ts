import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { askStore } from '../ask-store.ts'
import { encodeList } from '../encode-list.ts'
import { readParameters } from '../request-parameters.ts'
import { sendChunks } from '../send-chunks.ts'
import { readSeriesParameters } from '../series-parameters.ts'

/** GET and POST /api/v1/labels: the names of all labels, sorted. */
export function addLabels(scope: FastifyInstance, context: ApiContext): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const wanted = readSeriesParameters(readParameters(request), context)
    const names = await askStore(context, reply, (signal) =>
      context.deps.index.labelNames(wanted.selectors, wanted.fromMs, wanted.toMs, { signal }),
    )
    context.budget.take(reply, names.length * 2)
    return sendChunks(reply, encodeList(names.sort(), wanted.limit))
  }
  scope.get('/api/v1/labels', answer)
  scope.post('/api/v1/labels', answer)
}
