import type { FastifyInstance } from 'fastify'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { ApiContext } from './api-context.ts'
import { answerError, errorBody } from './error-answer.ts'
import { namedScope } from './named-scope.ts'

/**
 * A scope whose routes take parameters from the URL and from a form body. Bodies of any other kind are ignored:
 * vmalert sends an empty one that claims to be JSON.
 */
export function addQueryScope(
  app: FastifyInstance,
  { deps, limits }: ApiContext,
  addRoutes: (scope: FastifyInstance) => void,
): void {
  const plugin = namedScope('query-scope', (scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: limits.queryBodyBytes },
      (request, body, parsed) => {
        const encoding = request.headers['content-encoding'] ?? 'identity'
        if (encoding === 'identity') parsed(null, body)
        else
          parsed(
            new PgherdError(
              'UNSUPPORTED_ENCODING',
              `a form is taken as it is, not as "${encoding.slice(0, 64)}"`,
            ),
          )
      },
    )
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: limits.queryBodyBytes },
      (_request, _body, parsed) => parsed(null),
    )
    scope.setErrorHandler((error, request, reply) => {
      if (error instanceof PgherdError && error.code === 'TIMED_OUT') {
        // Prometheus answers 503 where the catalogue has 504, and its clients look at the status.
        return reply
          .code(503)
          .type('application/json')
          .send(errorBody('timeout', messageOf(error)))
      }
      answerError(deps.log, error, request, reply)
      return reply
    })
    addRoutes(scope)
    done()
  })
  app.register(plugin)
}
