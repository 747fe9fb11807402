import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { actorOf } from '../auth/principal.ts'
import { remoteAddressOf } from '../remote-address.ts'
import { requireSameOrigin } from '../same-origin.ts'

/** POST and PUT /-/reload: the rule files are read again; answers, as Prometheus does, with nothing or with 500 and why not. */
export function addReload(scope: FastifyInstance, { deps }: ApiContext): void {
  const reload = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireSameOrigin(request)
    deps.log.info({ by: actorOf(request), from: remoteAddressOf(request) }, 'a reload is asked for')
    const problem = await deps.reload()
    if (problem === undefined) return reply.code(200).send()
    return reply
      .code(500)
      .type('text/plain; charset=utf-8')
      .send(`failed to reload config: ${problem.message}\n`)
  }
  scope.post('/-/reload', reload)
  scope.put('/-/reload', reload)
}
