import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import { compareLabelSets } from '../../../common/series/label-set.ts'
import { samplesPerSeries } from '../answer-query.ts'
import type { ApiContext } from '../api-context.ts'
import { askStore } from '../ask-store.ts'
import { encodeList } from '../encode-list.ts'
import { readParameters } from '../request-parameters.ts'
import { sendChunks } from '../send-chunks.ts'
import { readSeriesParameters } from '../series-parameters.ts'

/** GET and POST /api/v1/series: the label sets that match, sorted. */
export function addSeries(scope: FastifyInstance, context: ApiContext): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const wanted = readSeriesParameters(readParameters(request), context)
    if (wanted.asked.length === 0) throw new PgherdError('BAD_REQUEST', 'no match[] parameter provided')
    const maxSeries = Math.floor(context.limits.answerSamples / samplesPerSeries)
    const series = await askStore(context, reply, (signal) =>
      context.deps.index.series(wanted.selectors, wanted.fromMs, wanted.toMs, { signal, maxSeries }),
    )
    context.budget.take(reply, series.length * samplesPerSeries)
    return sendChunks(reply, encodeList(series.sort(compareLabelSets), wanted.limit))
  }
  scope.get('/api/v1/series', answer)
  scope.post('/api/v1/series', answer)
}
