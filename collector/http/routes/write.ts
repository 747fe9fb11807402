import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'

/** POST /api/v1/write: Prometheus remote write. 204 means that the samples are durable. */
export function addWrite(app: FastifyInstance, { deps, limits, metrics }: ApiContext): void {
  app.register((scope, _options, done) => {
    // Whatever it claims to be, the body goes on as bytes: what is supported is for the decoder to say.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body))
    scope.post('/api/v1/write', { bodyLimit: limits.writeBodyBytes }, async (request, reply) => {
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
      metrics.countWrite(body.length)
      await deps.write(body, {
        contentType: request.headers['content-type'],
        contentEncoding: request.headers['content-encoding'],
      })
      return reply.code(204).send()
    })
    done()
  })
}
