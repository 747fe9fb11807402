import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import { answerQuery } from '../answer-query.ts'
import type { ApiContext } from '../api-context.ts'
import { invalidParameter, readParameters } from '../request-parameters.ts'
import { readDuration, readTime } from '../time-parameters.ts'

/** Prometheus' limit: enough for a pixel each, and a mistyped step cannot ask for a million. */
const maxPoints = 11_000

/** What VictoriaMetrics takes a missing start (before the end) and a missing step for; Prometheus requires both. */
const defaultRangeMs = 5 * 60_000
const defaultStepMs = 5 * 60_000

/** GET and POST /api/v1/query_range: an expression at every step of a range, both ends included. */
export function addQueryRange(scope: FastifyInstance, context: ApiContext): void {
  const answer = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const parameters = readParameters(request)
    const nowMs = context.deps.clock.now()
    const endMs = readTime(parameters, 'end', nowMs, nowMs)
    const startMs = readTime(parameters, 'start', nowMs, endMs - defaultRangeMs)
    if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time')
    const stepMs = readDuration(parameters, 'step', defaultStepMs)
    if (stepMs <= 0) {
      throw invalidParameter(
        'step',
        'zero or negative query resolution step widths are not accepted. Try a positive integer',
      )
    }
    if (Math.floor((endMs - startMs) / stepMs) > maxPoints) {
      throw new PgherdError(
        'BAD_REQUEST',
        'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      )
    }
    return answerQuery({ request, reply }, parameters, context, { startMs, endMs, stepMs }, (text, options) =>
      context.deps.query.range(text, startMs, endMs, stepMs, options),
    )
  }
  scope.get('/api/v1/query_range', answer)
  scope.post('/api/v1/query_range', answer)
}
