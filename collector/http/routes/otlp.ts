import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { addStreamScope, insertRequest } from '../insert-scope.ts'
import { withWholeBody } from '../whole-body.ts'

const bodyLimit = 32 * 1024 * 1024

/** POST /api/v1/otlp/v1/metrics: OTLP metrics as Prometheus takes them. */
export function addOtlp(app: FastifyInstance, context: ApiContext): void {
  addPaths(app, context, ['/api/v1/otlp/v1/metrics'])
}

/** The same under the paths of VictoriaMetrics. */
export function addOpenTelemetry(app: FastifyInstance, context: ApiContext): void {
  addPaths(app, context, ['/opentelemetry/v1/metrics', '/opentelemetry/api/v1/push'])
}

/** Protobuf or JSON; 200 means that all samples are durable but those that the answer names. */
function addPaths(app: FastifyInstance, context: ApiContext, paths: readonly string[]): void {
  addStreamScope(app, context, (scope) => {
    for (const path of paths) {
      scope.post(path, async (request, reply) => {
        const answer = await withWholeBody(request, reply, context, bodyLimit, (body) =>
          context.deps.insert.otlp(body, insertRequest(request)),
        )
        return reply.code(200).type(answer.contentType).send(answer.body)
      })
    }
  })
}
