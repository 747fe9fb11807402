import type { FastifyInstance } from 'fastify'
import type { ApiContext } from './api-context.ts'
import { addQueryScope } from './query-scope.ts'
import { addDeleteSeries } from './routes/delete-series.ts'
import { addMaintenance } from './routes/maintenance.ts'
import { addSnapshots } from './routes/snapshots.ts'

/** What operators do with the store. */
export function addAdminApi(app: FastifyInstance, context: ApiContext): void {
  addQueryScope(app, context, (scope) => {
    addSnapshots(scope, context)
    addMaintenance(scope, context)
  })
}

/** Apart from the rest, because VictoriaMetrics' cluster has it under /delete too. */
export function addDeleteApi(app: FastifyInstance, context: ApiContext): void {
  addQueryScope(app, context, (scope) => addDeleteSeries(scope, context))
}
