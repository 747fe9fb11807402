import type { FastifyInstance } from 'fastify'
import type { ApiContext } from './api-context.ts'
import { addImport } from './routes/import.ts'
import { addInflux } from './routes/influx.ts'
import { addOpenTelemetry, addOtlp } from './routes/otlp.ts'
import { addWrite } from './routes/write.ts'

/** Everything that takes samples in as Prometheus does. */
export function addInsertApi(app: FastifyInstance, context: ApiContext): void {
  addWrite(app, context)
  addImport(app, context)
  addOtlp(app, context)
}

/** What VictoriaMetrics takes in from others; its cluster has it beside the paths of Prometheus. */
export function addForeignInsertApi(app: FastifyInstance, context: ApiContext): void {
  addInflux(app, context)
  addOpenTelemetry(app, context)
}
