import type { InsightMetric } from '../metric.ts'

export const sessionSeconds = {
  name: 'pgherd_ash_seconds_total',
  kind: 'counter',
  help: "Seconds that sessions worked, by what they waited for, as seen each second; a second of two sessions is two, and `CPU` is waiting for nothing that the server knows of. `query` is pg_stat_statements' queryid. What has no series of its own is `other`.",
  labels: ['datname', 'query', 'usename', 'wait_event', 'wait_event_type'],
} as const satisfies InsightMetric

export const tableSeconds = {
  name: 'pgherd_ash_table_seconds_total',
  kind: 'counter',
  help: 'Seconds that sessions waited for locks of a table or of its rows, by table.',
  labels: ['datname', 'relname', 'wait_event'],
} as const satisfies InsightMetric

export const applicationSeconds = {
  name: 'pgherd_ash_application_seconds_total',
  kind: 'counter',
  help: 'Seconds that sessions worked, by application_name.',
  labels: ['application_name'],
} as const satisfies InsightMetric

export const aboutSampling = [
  {
    name: 'pgherd_ash_samples_total',
    kind: 'counter',
    help: 'Looks at what sessions do.',
    labels: [],
  },
  {
    name: 'pgherd_ash_sampled_seconds_total',
    kind: 'counter',
    help: 'Seconds for which these looks stand.',
    labels: [],
  },
  {
    name: 'pgherd_ash_gap_seconds_total',
    kind: 'counter',
    help: 'Seconds for which nothing is known, because there was no look for longer than five seconds.',
    labels: [],
  },
] as const satisfies readonly InsightMetric[]

export const waitMetrics: readonly InsightMetric[] = [
  sessionSeconds,
  tableSeconds,
  applicationSeconds,
  ...aboutSampling,
]
