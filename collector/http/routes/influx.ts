import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { withStreamedBody } from '../import-body.ts'
import { addStreamScope, insertRequest, urlParameters } from '../insert-scope.ts'

/** That of an InfluxDB whose clients are content with what is answered here; VictoriaMetrics says the same. */
const influxVersion = { 'x-influxdb-version': '1.8.0' }

/**
 * What clients of InfluxDB 1 and 2 ask: writes of lines, and the few questions by which they find out whether there is a
 * database. Every database that they name exists: it is a label of its series.
 */
export function addInflux(app: FastifyInstance, context: ApiContext): void {
  const { insert } = context.deps
  addStreamScope(app, context, (scope) => {
    for (const url of ['/write', '/influx/write', '/api/v2/write', '/influx/api/v2/write']) {
      scope.route({
        method: ['POST', 'PUT'],
        url,
        config: { streams: true },
        async handler(request, reply) {
          await withStreamedBody(request, reply, context, (body) =>
            insert.importLines('influx', body, insertRequest(request)),
          )
          return reply.code(204).headers(influxVersion).send()
        },
      })
    }
    for (const url of ['/query', '/influx/query']) {
      scope.route({
        method: ['GET', 'POST'],
        url,
        handler(request, reply) {
          const db = urlParameters(request).get('db') ?? ''
          const values = db === '' ? [] : [[db]]
          const series = [{ name: 'databases', columns: ['name'], values }]
          return reply.headers(influxVersion).send({ results: [{ statement_id: 0, series }] })
        },
      })
    }
    for (const url of ['/ping', '/influx/ping']) {
      scope.route({
        method: ['GET', 'POST'],
        url,
        handler: (_request, reply) => reply.code(204).headers(influxVersion).send(),
      })
    }
    scope.get('/influx/health', (_request, reply) =>
      reply
        .headers(influxVersion)
        .send({ name: 'influxdb', message: 'ready for queries and writes', status: 'pass', checks: [] }),
    )
  })
}
