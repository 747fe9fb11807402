import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { clientGone } from '../client-gone.ts'
import { encodeAnswer } from '../encode-answer.ts'
import { limitAnswer } from '../limit-answer.ts'
import { invalidParameter, readLimit, readParameters } from '../request-parameters.ts'
import { runQuery } from '../run-query.ts'
import { sendChunks } from '../send-chunks.ts'
import { readDuration, readTime } from '../time-parameters.ts'

/** Prometheus' limit: enough for a pixel each, and a mistyped step cannot ask for a million. */
const maxPoints = 11_000

/** GET and POST /api/v1/query_range: an expression at every step of a range, both ends included. */
export function addQueryRange(scope: FastifyInstance, { deps, limits, gate }: ApiContext): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const parameters = readParameters(request)
    const startMs = readTime(parameters, 'start')
    const endMs = readTime(parameters, 'end')
    if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time')
    const stepMs = readDuration(parameters, 'step')
    if (stepMs <= 0) {
      throw invalidParameter(
        'step',
        'zero or negative query resolution step widths are not accepted. Try a positive integer',
      )
    }
    if ((endMs - startMs) / stepMs > maxPoints) {
      throw new PgherdError(
        'BAD_REQUEST',
        'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      )
    }
    const text = parameters.one('query')
    if (text === undefined) throw invalidParameter('query', 'an expression is required')
    const limit = readLimit(parameters)
    const timeoutMs = Math.min(
      readDuration(parameters, 'timeout', limits.queryTimeoutMs),
      limits.queryTimeoutMs,
    )
    const result = await runQuery(
      { clock: deps.clock, gate, gone: clientGone(reply), timeoutMs },
      (options) => deps.query.range(text, startMs, endMs, stepMs, options),
    )
    return sendChunks(reply, encodeAnswer(limitAnswer(result, limit)))
  }
  scope.get('/api/v1/query_range', answer)
  scope.post('/api/v1/query_range', answer)
}
