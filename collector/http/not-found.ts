import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { answerError } from './error-answer.ts'
import { isUnder } from './mounts.ts'
import type { RouteTable } from './route-table.ts'
import { splitUrl } from './split-url.ts'

/**
 * Answers what no route takes, or none under the prefix of the request: 405 with Allow where the path takes other
 * methods, OPTIONS with 204, the paths of a tenant that does not exist, and 404 for the rest. OPTIONS names the methods
 * and allows no other origin anything: the page is served from here, so that nothing needs CORS, and without it no
 * other site can read an answer.
 */
export function addNotFound(app: FastifyInstance, log: Log, table: RouteTable): void {
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { prefix, rest } = splitUrl(request.originalUrl)
    const path = withoutParameters(rest)
    const methods = table.methodsOf(prefix, path)
    if (methods.length > 0) {
      void reply.header('allow', [...methods, 'OPTIONS'].join(', '))
      if (request.method === 'OPTIONS') return reply.code(204).send()
    }
    const shown = withoutParameters(request.originalUrl).slice(0, 256)
    answerError(log, problem(request.method, shown, methods), request, reply)
    return reply
  }
  app.addHook('onRequest', (request, reply, done) => {
    const { mount } = request.routeOptions.config
    if (mount === undefined || isUnder(mount, splitUrl(request.originalUrl).prefix)) done()
    else answer(request, reply)
  })
  app.setNotFoundHandler(answer)
}

function withoutParameters(url: string): string {
  return url.split('?', 1)[0] ?? ''
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
