import type { FastifyInstance } from 'fastify'
import type { ApiContext } from './api-context.ts'
import { addQueryScope } from './query-scope.ts'
import { addDeleteSeries } from './routes/delete-series.ts'
import { addMaintenance } from './routes/maintenance.ts'
import { addReload } from './routes/reload.ts'
import { addSnapshots } from './routes/snapshots.ts'

/** What operators do with the store and the rule files. */
export function addAdminApi(app: FastifyInstance, context: ApiContext): void {
  addQueryScope(app, context, (scope) => {
    addSnapshots(scope, context)
    addMaintenance(scope, context)
    addReload(scope, context)
  })
}

/** Apart from the rest, because VictoriaMetrics' cluster has it under /delete too. */
export function addDeleteApi(app: FastifyInstance, context: ApiContext): void {
  addQueryScope(app, context, (scope) => addDeleteSeries(scope, context))
}
