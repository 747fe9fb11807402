import type { FastifyInstance } from 'fastify'
import { stringify } from 'yaml'
import { openApiDocument } from '../openapi/document.ts'

/** GET /api/v1/openapi.json and /api/v1/openapi.yaml: the description of the API. */
export function addOpenApi(app: FastifyInstance): void {
  const viewer = { config: { role: 'viewer' } } as const
  app.get('/api/v1/openapi.json', viewer, (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(openApiDocument())),
  )
  app.get('/api/v1/openapi.yaml', viewer, (_request, reply) =>
    reply.type('application/yaml').send(stringify(openApiDocument(), { aliasDuplicateObjects: false })),
  )
}
