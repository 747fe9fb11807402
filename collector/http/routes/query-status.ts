import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import type { QueryFigures } from '../query-log.ts'
import { readInteger, readParameters } from '../request-parameters.ts'
import { readDuration } from '../time-parameters.ts'

/**
 * GET /api/v1/status/active_queries and top_queries in the shapes of VictoriaMetrics: what runs now, and what has run
 * most often and longest within `maxLifetime` (10 minutes unless told), `topN` (20) of each.
 */
export function addQueryStatus(scope: FastifyInstance, { queryLog }: ApiContext): void {
  scope.get('/api/v1/status/active_queries', () => ({
    status: 'ok',
    data: queryLog.running().map(({ id, text, startMs, endMs, stepMs, runningMs, remoteAddress }) => ({
      duration: `${(runningMs / 1000).toFixed(3)}s`,
      id: id.toString(16).toUpperCase().padStart(16, '0'),
      remote_addr: remoteAddress,
      query: text,
      start: startMs,
      end: endMs,
      step: stepMs,
    })),
  }))
  scope.get('/api/v1/status/top_queries', (request: FastifyRequest) => {
    const parameters = readParameters(request)
    const topN = readInteger(parameters, 'topN', { min: 1, max: 1000, fallback: 20 })
    const maxLifetimeMs = readDuration(parameters, 'maxLifetime', 600_000)
    const figures = queryLog.ended(maxLifetimeMs)
    const top = (measure: (figure: QueryFigures) => number): readonly QueryFigures[] =>
      figures.toSorted((a, b) => measure(b) - measure(a)).slice(0, topN)
    const common = ({ text, rangeMs, count }: QueryFigures): object => ({
      query: text,
      timeRangeSeconds: rangeMs / 1000,
      count,
    })
    const average = ({ sumMs, count }: QueryFigures): number => sumMs / count / 1000
    return {
      topN: String(topN),
      maxLifetime: `${maxLifetimeMs / 1000}s`,
      topByCount: top(({ count }) => count).map(common),
      topByAvgDuration: top(average).map((figure) => ({
        ...common(figure),
        avgDurationSeconds: average(figure),
      })),
      topBySumDuration: top(({ sumMs }) => sumMs).map((figure) => ({
        ...common(figure),
        sumDurationSeconds: figure.sumMs / 1000,
      })),
    }
  })
}
