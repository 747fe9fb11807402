import type { InsightMetric } from '../metric.ts'

export const schemaMetrics: readonly InsightMetric[] = [
  {
    name: 'pgherd_schema_changes_total',
    kind: 'counter',
    help: 'Objects of a schema that were created, changed or dropped since the agent was started; datname is empty for roles, databases and what else belongs to a server as a whole.',
    labels: ['datname'],
  },
  {
    name: 'pgherd_schema_change_timestamp_seconds',
    kind: 'gauge',
    help: 'When the last change of the schema was found.',
    labels: ['datname'],
  },
  {
    name: 'pgherd_ddl_blocked_sessions',
    kind: 'gauge',
    help: 'Sessions that wait behind a statement that has or wants AccessExclusiveLock on a relation to change it.',
    labels: ['datname'],
  },
  {
    name: 'pgherd_ddl_lock_seconds',
    kind: 'gauge',
    help: 'How long the longest of these statements runs.',
    labels: ['datname'],
  },
]
