import { indexMetrics } from './indexes/metrics.ts'
import type { InsightMetric } from './metric.ts'
import { statementMetrics } from './statements/metrics.ts'
import { schemaMetrics } from './schema/metrics.ts'
import { waitMetrics } from './waits/wait-metrics.ts'
import { watchdogMetrics } from './watchdog/figures.ts'

/** What each part tells, by the heading under which the reference of metrics lists it. */
export interface InsightFamily {
  readonly name: string
  /** One sentence without its full stop. */
  readonly what: string
  readonly metrics: readonly InsightMetric[]
}

/** Of all parts; each adds its own. */
export const insightFamilies: readonly InsightFamily[] = [
  {
    name: 'pg_query',
    what: 'Statements: those that do most, each for itself, and all others of a database as query="other"; looked at every 10 seconds',
    metrics: statementMetrics,
  },
  {
    name: 'pgherd_index',
    what: 'What is wrong with indexes, looked for each hour',
    metrics: indexMetrics,
  },
  {
    name: 'pgherd_ash',
    what: 'What sessions that work wait for, looked at each second',
    metrics: waitMetrics,
  },
  {
    name: 'pgherd_watchdog',
    what: 'Stuck sessions that the watchdog finds and signals, where it has a policy, looked at every 5 s',
    metrics: watchdogMetrics,
  },
  {
    name: 'pgherd_schema',
    what: 'Changes of schemas, and sessions that changes hold up, looked for every few seconds',
    metrics: schemaMetrics,
  },
]
