import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'

/** GET /health and /-/healthy (the process answers) and /-/ready (what is behind it answers too). */
export function addHealth(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/health', (_request, reply) => reply.type('text/plain').send('OK'))
  app.get('/-/healthy', (_request, reply) => reply.type('text/plain').send('pgherd-collector is healthy.\n'))
  app.get('/-/ready', (_request, reply) => {
    const ready = deps.isReady()
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'pgherd-collector is ready.\n' : 'pgherd-collector is starting.\n')
  })
}
