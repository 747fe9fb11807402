import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { clientGone } from '../client-gone.ts'
import { limitAnswer } from '../limit-answer.ts'
import { encodeAnswer } from '../encode-answer.ts'
import { invalidParameter, readLimit, readParameters } from '../request-parameters.ts'
import { runQuery } from '../run-query.ts'
import { sendChunks } from '../send-chunks.ts'
import { readDuration, readTime } from '../time-parameters.ts'

/** GET and POST /api/v1/query: an expression at one moment. */
export function addQuery(scope: FastifyInstance, { deps, limits, gate }: ApiContext): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const parameters = readParameters(request)
    const text = parameters.one('query')
    if (text === undefined) throw invalidParameter('query', 'an expression is required')
    const timeMs = readTime(parameters, 'time', deps.clock.now())
    const limit = readLimit(parameters)
    const timeoutMs = Math.min(
      readDuration(parameters, 'timeout', limits.queryTimeoutMs),
      limits.queryTimeoutMs,
    )
    const result = await runQuery(
      { clock: deps.clock, gate, gone: clientGone(reply), timeoutMs },
      (options) => deps.query.instant(text, timeMs, options),
    )
    return sendChunks(reply, encodeAnswer(limitAnswer(result, limit)))
  }
  scope.get('/api/v1/query', answer)
  scope.post('/api/v1/query', answer)
}
