import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../api-context.ts'

/** GET /health and /-/healthy (the process answers) and /-/ready or /ready (what is behind it answers too). */
export function addHealth(app: FastifyInstance, { deps }: ApiContext): void {
  const open = { config: { role: 'open' } } as const
  app.get('/health', open, (_request, reply) => reply.type('text/plain').send('OK'))
  app.get('/-/healthy', open, (_request, reply) =>
    reply.type('text/plain').send('pgherd-collector is healthy.\n'),
  )
  const ready = (_request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const isReady = deps.isReady()
    return reply
      .code(isReady ? 200 : 503)
      .type('text/plain')
      .send(isReady ? 'pgherd-collector is ready.\n' : 'pgherd-collector is starting.\n')
  }
  app.get('/-/ready', open, ready)
  app.get('/ready', open, ready)
}
