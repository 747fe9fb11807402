import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { addStreamScope, insertRequest } from '../insert-scope.ts'
import { withWholeBody } from '../whole-body.ts'

/**
 * POST /api/v1/write and /api/v1/push: Prometheus remote write 1.0 and 2.0. 204 means that the samples are durable;
 * `get_vm_proto_version=1` asks whether VictoriaMetrics' zstd is understood.
 */
export function addWrite(app: FastifyInstance, context: ApiContext): void {
  const { deps, limits } = context
  addStreamScope(app, context, (scope) => {
    for (const path of ['/api/v1/write', '/api/v1/push']) {
      scope.post(path, { config: { agents: true } }, async (request, reply) => {
        const { contentType, contentEncoding, parameters } = insertRequest(request)
        if (parameters.has('get_vm_proto_version')) return reply.type('text/plain').send('1')
        const { principal } = request
        const node = principal?.kind === 'agent' ? principal.node : undefined
        const { v2, foreignSeries = 0 } = await withWholeBody(
          request,
          reply,
          context,
          limits.writeBodyBytes,
          (body) =>
            deps.insert.write(
              body,
              { contentType, contentEncoding },
              parameters.getAll('extra_label'),
              ...(node === undefined ? [] : [node]),
            ),
        )
        if (v2 === undefined) {
          if (foreignSeries === 0) return reply.code(204).send()
          const text = `${foreignSeries} series are not of ${node ?? ''} and were refused; the others were stored\n`
          return reply.code(400).type('text/plain; charset=utf-8').send(text)
        }
        void reply.headers({
          'x-prometheus-remote-write-samples-written': v2.samplesWritten,
          'x-prometheus-remote-write-histograms-written': 0,
          'x-prometheus-remote-write-exemplars-written': 0,
        })
        if (v2.refused === undefined) return reply.code(204).send()
        return reply.code(400).type('text/plain; charset=utf-8').send(`${v2.refused}\n`)
      })
    }
  })
}
