import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { askStore } from '../ask-store.ts'
import { narrow, readExtraFilters, readSelectors } from '../extra-filters.ts'
import { invalidParameter, readInteger, readParameters } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'
import { requireCardinality } from '../require-store.ts'
import type { NamedCount } from '../../../common/store-administration.ts'

const dayMs = 86_400_000
/** Prometheus' limit of `limit`; label names are counted up to it to add up the pairs. */
const most = 10_000

/**
 * GET and POST /api/v1/status/tsdb: where series come from, in the words of Prometheus (headStats, `limit`) and of
 * VictoriaMetrics (totalSeries, `topN`, `date`, `match[]`, `focusLabel`). Without a date it is about the series of the
 * head; `date=0` is all time.
 */
export function addTsdbStatus(scope: FastifyInstance, context: ApiContext): void {
  const { deps } = context
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const parameters = readParameters(request)
    const limit = readInteger(parameters, 'limit', { min: 1, max: most, fallback: 10 })
    const top = readInteger(parameters, 'topN', { min: 1, max: most, fallback: limit })
    const range = readDate(parameters)
    const focusLabel = parameters.one('focusLabel')
    const selectors = narrow(readSelectors(parameters, context), readExtraFilters(parameters, context))
    const counts = await askStore(context, reply, () =>
      requireCardinality(deps).cardinality({
        top: most,
        selectors,
        ...(range === undefined ? {} : { range }),
        ...(focusLabel === undefined ? {} : { focusLabel }),
      }),
    )
    const { minTimeMs, maxTimeMs } = deps.about.store()
    const cut = (list: readonly NamedCount[]): readonly NamedCount[] => list.slice(0, top)
    return {
      status: 'success',
      data: {
        headStats: {
          numSeries: counts.totalSeries,
          numLabelPairs: counts.labelValueCountByLabelName.reduce((sum, { value }) => sum + value, 0),
          minTime: minTimeMs ?? 0,
          maxTime: maxTimeMs ?? 0,
        },
        totalSeries: counts.totalSeries,
        totalLabelValuePairs: counts.totalLabelValuePairs,
        seriesCountByMetricName: cut(counts.seriesCountByMetricName),
        seriesCountByLabelName: cut(counts.seriesCountByLabelName),
        seriesCountByFocusLabelValue: cut(counts.seriesCountByFocusLabelValue),
        seriesCountByLabelValuePair: cut(counts.seriesCountByLabelValuePair),
        labelValueCountByLabelName: cut(counts.labelValueCountByLabelName),
        memoryInBytesByLabelName: cut(counts.memoryInBytesByLabelName),
      },
    }
  }
  scope.get('/api/v1/status/tsdb', answer)
  scope.post('/api/v1/status/tsdb', answer)
}

function readDate(parameters: RequestParameters): { fromMs: number; toMs: number } | undefined {
  const text = parameters.one('date')
  if (text === undefined) return undefined
  if (text === '0' || text === '1970-01-01') return { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
  const fromMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(fromMs)) {
    throw invalidParameter('date', `cannot parse "${text.slice(0, 64)}" to a day: YYYY-MM-DD`)
  }
  return { fromMs, toMs: fromMs + dayMs - 1 }
}
