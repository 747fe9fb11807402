import type { FastifyInstance } from 'fastify'
import type { ApiContext } from './api-context.ts'
import { addImport } from './routes/import.ts'
import { addWrite } from './routes/write.ts'

/** Everything that takes samples in. */
export function addInsertApi(app: FastifyInstance, context: ApiContext): void {
  addWrite(app, context)
  addImport(app, context)
}
