import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { withStreamedBody } from '../import-body.ts'
import { addStreamScope, insertRequest } from '../insert-scope.ts'
import type { LineFormat } from '../insert-service.ts'
import { readPushgatewayPath } from '../pushgateway-path.ts'

const paths: Readonly<Record<string, LineFormat>> = {
  '/api/v1/import': 'json',
  '/api/v1/import/prometheus': 'prometheus',
  '/api/v1/import/csv': 'csv',
}
const pushgatewayPrefix = '/api/v1/import/prometheus/'

/**
 * POST /api/v1/import and its like: bodies of any size, line by line or block by block; 204 means that all samples are
 * durable. Under /api/v1/import/prometheus/metrics/job/ labels stand in the path and the answer is 200, as with a push
 * gateway.
 */
export function addImport(app: FastifyInstance, context: ApiContext): void {
  const { insert } = context.deps
  addStreamScope(app, context, (scope) => {
    const shared = { method: ['POST', 'PUT'], config: { streams: true } }
    for (const [url, format] of Object.entries(paths)) {
      scope.route({
        ...shared,
        url,
        async handler(request, reply) {
          await withStreamedBody(request, reply, context, (body) =>
            insert.importLines(format, body, insertRequest(request)),
          )
          return reply.code(204).send()
        },
      })
    }
    scope.route({
      ...shared,
      url: '/api/v1/import/native',
      async handler(request, reply) {
        await withStreamedBody(request, reply, context, (body) =>
          insert.importNative(body, insertRequest(request)),
        )
        return reply.code(204).send()
      },
    })
    scope.route({
      ...shared,
      url: `${pushgatewayPrefix}*`,
      async handler(request, reply) {
        const [path = ''] = request.url.split('?')
        const labels = readPushgatewayPath(
          path.slice(path.indexOf(pushgatewayPrefix) + pushgatewayPrefix.length),
        )
        await withStreamedBody(request, reply, context, (body) =>
          insert.importLines('prometheus', body, insertRequest(request, labels)),
        )
        return reply.code(200).send()
      },
    })
  })
}
