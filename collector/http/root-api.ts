import type { FastifyInstance } from 'fastify'
import type { ApiContext } from './api-context.ts'
import { addQueryScope } from './query-scope.ts'
import { addEnrolment } from './routes/enrolment.ts'
import { addEvents } from './routes/events.ts'
import { addTokens } from './routes/tokens.ts'
import { addAudit } from './routes/audit.ts'
import { addChannel } from './routes/channel.ts'
import { addAnnotations } from './routes/annotations.ts'
import { addBackups } from './routes/backups.ts'
import { addDdl } from './routes/ddl.ts'
import { addWatchdog } from './routes/watchdog.ts'
import { addIndexes } from './routes/indexes.ts'
import { addQueries } from './routes/queries.ts'
import { addClusters } from './routes/clusters.ts'
import { addCommands, addNodeActions } from './routes/commands.ts'
import { addDashboards } from './routes/dashboards.ts'
import { addMetrics } from './routes/metrics.ts'
import { addNotify } from './routes/notify.ts'
import { addRuleFiles } from './routes/rule-files.ts'
import { addSilences } from './routes/silences.ts'
import { addNodes } from './routes/nodes.ts'
import { addOpenApi } from './routes/openapi.ts'
import { addPing } from './routes/ping.ts'
import { addFlags } from './routes/status.ts'
import { addWhoAmI } from './routes/whoami.ts'

/** What is pgherd's own, and what is about the process. */
export function addRootApi(app: FastifyInstance, context: ApiContext): void {
  addMetrics(app, context)
  addFlags(app, context)
  addOpenApi(app)
  addDashboards(app, context)
  addWhoAmI(app)
  addNodes(app, context)
  addNotify(app, context)
  addSilences(app, context)
  addRuleFiles(app, context)
  addBackups(app, context)
  addClusters(app, context)
  addIndexes(app, context)
  addQueries(app, context)
  addDdl(app, context)
  addWatchdog(app, context)
  addNodeActions(app, context)
  addCommands(app, context)
  addAudit(app, context)
  addEvents(app, context)
  addAnnotations(app, context)
  addTokens(app, context)
  addEnrolment(app, context)
  addQueryScope(app, context, (query) => addPing(query, context))
  addChannel(app, context)
}
