import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { answerError } from './error-answer.ts'
import type { RouteTable } from './route-table.ts'

/**
 * Answers what no route takes: 405 with Allow where the path takes other methods, OPTIONS with 204, the paths of a
 * tenant that does not exist, and 404 for the rest. OPTIONS names the methods and allows no other origin anything:
 * the page is served from here, so that nothing needs CORS, and without it no other site can read an answer.
 */
export function addNotFound(app: FastifyInstance, log: Log, table: RouteTable): void {
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?')[0] ?? ''
    const methods = table.methodsOf(path)
    if (methods.length > 0) {
      void reply.header('allow', [...methods, 'OPTIONS'].join(', '))
      if (request.method === 'OPTIONS') return reply.code(204).send()
    }
    answerError(log, problem(request.method, path.slice(0, 256), methods), request, reply)
    return reply
  })
}

function problem(method: string, path: string, methods: readonly string[]): PgherdError {
  if (methods.length > 0) {
    return new PgherdError('METHOD_NOT_ALLOWED', `${path} takes ${methods.join(', ')}, not ${method}`)
  }
  const tenant = /^\/(?:select|insert|delete)\/([^/]+)\//.exec(path)?.[1]
  if (tenant !== undefined && tenant !== '0' && tenant !== '0:0') {
    return new PgherdError('NOT_FOUND', `there is no tenant "${tenant}": the only one is 0 (or 0:0)`)
  }
  return new PgherdError('NOT_FOUND', `${method} ${path} does not exist`)
}
