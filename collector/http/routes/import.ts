import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { addStreamScope, insertRequest, streamedBody } from '../insert-scope.ts'
import type { LineFormat } from '../insert-service.ts'

const paths: readonly (readonly [path: string, format: LineFormat])[] = [['/api/v1/import', 'json']]

/** POST /api/v1/import and its like: bodies of any size, line by line. 204 means that all samples are durable. */
export function addImport(app: FastifyInstance, context: ApiContext): void {
  addStreamScope(app, context, (scope) => {
    for (const [url, format] of paths) {
      scope.route({
        method: ['POST', 'PUT'],
        url,
        config: { streams: true },
        async handler(request, reply) {
          await context.deps.insert.importLines(
            format,
            streamedBody(request, context),
            insertRequest(request),
          )
          return reply.code(204).send()
        },
      })
    }
  })
}
