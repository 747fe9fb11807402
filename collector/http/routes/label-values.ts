import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { askStore } from '../ask-store.ts'
import { encodeList } from '../encode-list.ts'
import { invalidLabelName, unescapeLabelName } from '../label-name.ts'
import { readParameters } from '../request-parameters.ts'
import { sendChunks } from '../send-chunks.ts'
import { readSeriesParameters } from '../series-parameters.ts'

/** GET and POST /api/v1/label/:name/values: the values of one label, sorted. */
export function addLabelValues(scope: FastifyInstance, context: ApiContext): void {
  const answer = async (
    request: FastifyRequest<{ Params: { name: string } }>,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const name = unescapeLabelName(request.params.name)
    if (name === undefined) throw invalidLabelName(request.params.name)
    const wanted = readSeriesParameters(readParameters(request), context)
    const values = await askStore(context, reply, (signal) =>
      context.deps.index.labelValues(name, wanted.selectors, wanted.fromMs, wanted.toMs, { signal }),
    )
    context.budget.take(reply, values.length * 2)
    return sendChunks(reply, encodeList(values.sort(), wanted.limit))
  }
  scope.get('/api/v1/label/:name/values', answer)
  scope.post('/api/v1/label/:name/values', answer)
}
