import type { FastifyInstance } from 'fastify'
import type { ApiContext } from './api-context.ts'
import { addQueryScope } from './query-scope.ts'
import { addAlerts } from './routes/alerts.ts'
import { addBuildinfo } from './routes/buildinfo.ts'
import { addExport } from './routes/export.ts'
import { addFederate } from './routes/federate.ts'
import { addHealth } from './routes/health.ts'
import { addLabelValues } from './routes/label-values.ts'
import { addLabels } from './routes/labels.ts'
import { addLanguage } from './routes/language.ts'
import { addMetricMetadata } from './routes/metric-metadata.ts'
import { addQueryRange } from './routes/query-range.ts'
import { addQueryStatus } from './routes/query-status.ts'
import { addQuery } from './routes/query.ts'
import { addRead } from './routes/read.ts'
import { addRules } from './routes/rules.ts'
import { addScraping } from './routes/scraping.ts'
import { addSeriesCount } from './routes/series-count.ts'
import { addSeries } from './routes/series.ts'
import { addStatus } from './routes/status.ts'
import { addTsdbStatus } from './routes/tsdb-status.ts'

/** Everything that asks for samples, series, rules and alerts. */
export function addSelectApi(app: FastifyInstance, context: ApiContext): void {
  addHealth(app, context)
  addRead(app, context)
  addQueryScope(app, context, (scope) => {
    addQuery(scope, context)
    addQueryRange(scope, context)
    addLabels(scope, context)
    addLabelValues(scope, context)
    addSeries(scope, context)
    addSeriesCount(scope, context)
    addExport(scope, context)
    addFederate(scope, context)
    addMetricMetadata(scope, context)
    addLanguage(scope, context)
    addBuildinfo(scope)
    addStatus(scope, context)
    addTsdbStatus(scope, context)
    addQueryStatus(scope, context)
    addScraping(scope, context)
    addRules(scope, context)
    addAlerts(scope, context)
  })
}
