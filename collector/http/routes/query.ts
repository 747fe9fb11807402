import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerQuery } from '../answer-query.ts'
import type { ApiContext } from '../api-context.ts'
import { invalidParameter, readParameters } from '../request-parameters.ts'
import { readDuration, readTime } from '../time-parameters.ts'

/** GET and POST /api/v1/query: an expression at one moment; `step` is what MetricsQL's rollups without a window take for it. */
export function addQuery(scope: FastifyInstance, context: ApiContext): void {
  const answer = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const parameters = readParameters(request)
    const nowMs = context.deps.clock.now()
    const timeMs = readTime(parameters, 'time', nowMs, nowMs)
    const askedStepMs = parameters.one('step') === undefined ? 0 : readDuration(parameters, 'step')
    if (askedStepMs < 0) throw invalidParameter('step', 'it must not be negative')
    const step = askedStepMs === 0 ? {} : { askedStepMs }
    const times = { startMs: timeMs, endMs: timeMs, stepMs: 0 }
    return answerQuery({ request, reply }, parameters, context, times, (text, options) =>
      context.deps.query.instant(text, timeMs, { ...options, ...step }),
    )
  }
  scope.get('/api/v1/query', answer)
  scope.post('/api/v1/query', answer)
}
