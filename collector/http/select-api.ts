import type { FastifyInstance } from 'fastify'
import type { ApiContext } from './api-context.ts'
import { addQueryScope } from './query-scope.ts'
import { addAlerts } from './routes/alerts.ts'
import { addBuildinfo } from './routes/buildinfo.ts'
import { addHealth } from './routes/health.ts'
import { addLabelValues } from './routes/label-values.ts'
import { addLabels } from './routes/labels.ts'
import { addQueryRange } from './routes/query-range.ts'
import { addQuery } from './routes/query.ts'
import { addRules } from './routes/rules.ts'
import { addSeries } from './routes/series.ts'

/** Everything that asks for samples, series, rules and alerts. */
export function addSelectApi(app: FastifyInstance, context: ApiContext): void {
  addHealth(app, context)
  addQueryScope(app, context, (scope) => {
    addQuery(scope, context)
    addQueryRange(scope, context)
    addLabels(scope, context)
    addLabelValues(scope, context)
    addSeries(scope, context)
    addBuildinfo(scope)
    addRules(scope, context)
    addAlerts(scope, context)
  })
}
