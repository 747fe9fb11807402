import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'

/**
 * GET /dashboards/ lists the Grafana dashboards that come with pgherd as `[{uid, title, tags, file}]`, /dashboards/<file> is one.
 * Who has an answer already is told 304 while it is the same.
 */
export function addDashboards(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/dashboards/', { config: { role: 'viewer' } }, (request, reply) =>
    answer(request, reply, JSON.stringify(deps.boards.list())),
  )
  app.get<{ Params: { file: string } }>(
    '/dashboards/:file',
    { config: { role: 'viewer' } },
    (request, reply) => {
      const { file } = request.params
      const text = deps.boards.text(file)
      if (text === undefined)
        throw new PgherdError('NOT_FOUND', `no dashboard is called "${file.slice(0, 100)}"`)
      return answer(request, reply, text)
    },
  )
}

function answer(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const tag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  void reply.header('etag', tag).header('cache-control', 'no-cache')
  const known = request.headers['if-none-match']?.split(',').map((one) => one.trim()) ?? []
  if (known.includes(tag) || known.includes('*')) return reply.code(304).send()
  return reply.type('application/json').send(text)
}
