import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { MetricMetadata } from '../../../common/series/metric-type.ts'
import type { ApiContext } from '../api-context.ts'
import { readParameters } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'
import { sendChunks } from '../send-chunks.ts'

/**
 * GET and POST /api/v1/metadata: what senders said about metrics since the start, in Prometheus' shape. Without
 * `limit` all metrics, with 0 none; `limit_per_metric` 0 means no limit, both as in Prometheus.
 */
export function addMetricMetadata(scope: FastifyInstance, { deps }: ApiContext): void {
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const parameters = readParameters(request)
    const limit = readNumber(parameters, 'limit') ?? -1
    const perMetric = readNumber(parameters, 'limit_per_metric') ?? -1
    const metrics = deps.insert.metadata(parameters.one('metric'))
    return sendChunks(
      reply,
      encode(metrics, limit < 0 ? Infinity : limit, perMetric <= 0 ? Infinity : perMetric),
    )
  }
  scope.get('/api/v1/metadata', answer)
  scope.post('/api/v1/metadata', answer)
}

const metricsPerChunk = 512

function* encode(
  metrics: ReadonlyMap<string, readonly MetricMetadata[]>,
  limit: number,
  perMetric: number,
): Generator<string, void, undefined> {
  let text = '{"status":"success","data":{'
  let sent = 0
  for (const [metric, known] of metrics) {
    if (sent >= limit) break
    const some = perMetric < known.length ? known.slice(0, perMetric) : known
    text += `${sent === 0 ? '' : ','}${JSON.stringify(metric)}:${JSON.stringify(some)}`
    if (++sent % metricsPerChunk === 0) {
      yield text
      text = ''
    }
  }
  yield `${text}}}`
}

function readNumber(parameters: RequestParameters, name: string): number | undefined {
  const text = parameters.one(name)
  if (text === undefined) return undefined
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new PgherdError('BAD_REQUEST', `${name} must be a number`)
  return Number(text)
}
