import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiContext } from './api-context.ts'
import { answerTextError } from './error-answer.ts'
import type { InsertRequest } from './insert-service.ts'
import { namedScope } from './named-scope.ts'
import { requireSameOrigin } from './same-origin.ts'

/**
 * A scope whose routes take bodies of any size while they arrive, and do not look into them: what is supported is for
 * the decoder to say, whatever a body claims to be. Errors are text, as Prometheus and VictoriaMetrics answer them here.
 */
export function addStreamScope(
  app: FastifyInstance,
  { deps }: ApiContext,
  addRoutes: (scope: FastifyInstance) => void,
): void {
  const plugin = namedScope('insert-scope', (scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
    scope.addHook('onRequest', (request, _reply, next) => {
      // A form or a text may be posted from any page without being asked for.
      requireSameOrigin(request)
      next()
    })
    scope.setErrorHandler((error, request, reply) => {
      answerTextError(deps.log, error, request, reply)
      return reply
    })
    scope.addHook('onError', (request, reply, _error, next) => {
      // The rest of a body is not worth reading.
      if (!request.raw.readableEnded) void reply.header('connection', 'close')
      next()
    })
    addRoutes(scope)
    done()
  })
  app.register(plugin)
}

export function insertRequest(
  request: FastifyRequest,
  labels: readonly (readonly [string, string])[] = [],
): InsertRequest {
  return {
    contentType: request.headers['content-type'],
    contentEncoding: request.headers['content-encoding'],
    parameters: urlParameters(request),
    labels,
  }
}

/** The parameters in the URL; a body is never looked into. */
export function urlParameters(request: FastifyRequest): URLSearchParams {
  const url = request.raw.url ?? ''
  const mark = url.indexOf('?')
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
}
