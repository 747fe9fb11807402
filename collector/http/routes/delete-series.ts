import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { narrow, readExtraFilters, readSelectors } from '../extra-filters.ts'
import { invalidParameter, readParameters } from '../request-parameters.ts'
import { requireAdministration } from '../require-store.ts'
import { requireSameOrigin } from '../same-origin.ts'
import { parseTime } from '../time-parameters.ts'
import { remoteAddressOf } from '../remote-address.ts'

/**
 * POST and PUT /api/v1/admin/tsdb/delete_series: deletes the series of match[] with all of their samples. A range that
 * leaves out anything is refused, as in VictoriaMetrics. GET is refused: a link must not delete.
 */
export function addDeleteSeries(scope: FastifyInstance, context: ApiContext): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireSameOrigin(request)
    const parameters = readParameters(request)
    const asked = readSelectors(parameters, context)
    if (asked.length === 0) throw new PgherdError('BAD_REQUEST', 'no match[] parameter provided')
    for (const name of ['start', 'end']) {
      const text = parameters.one(name)
      if (text === undefined) continue
      const timeMs = parseTime(text, context.deps.clock.now())
      const isAllTime =
        timeMs !== undefined && (name === 'start' ? timeMs <= 0 : timeMs > 253_402_300_799_000)
      if (!isAllTime)
        throw invalidParameter(name, 'series are deleted with all of their samples, not in a range of time')
    }
    const deleted = await requireAdministration(context.deps).deleteSeries(
      narrow(asked, readExtraFilters(parameters, context)),
    )
    context.deps.log.info(
      { deleted, match: parameters.all('match[]').slice(0, 10), from: remoteAddressOf(request) },
      'series deleted',
    )
    return reply.code(204).send()
  }
  scope.post('/api/v1/admin/tsdb/delete_series', answer)
  scope.put('/api/v1/admin/tsdb/delete_series', answer)
}
