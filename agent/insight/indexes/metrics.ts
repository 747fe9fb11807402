import type { InsightMetric } from '../metric.ts'

const labels = ['datname', 'finding'] as const

/** What the primary tells of each database's indexes; `pgherd_index_findings` is cut to those that `agentctl index list` could list. */
export const indexMetrics: readonly InsightMetric[] = [
  {
    name: 'pgherd_index_findings',
    kind: 'gauge',
    help: 'Indexes about which something can be said, by what: unused (on this server, for a week or since it was first seen, and serving nothing else), duplicate, redundant, invalid, bloated, missing. The primary alone tells it; whether one can go, agentctl index list says',
    labels,
  },
  {
    name: 'pgherd_index_findings_bytes',
    kind: 'gauge',
    help: 'Bytes of those indexes by pg_class.relpages; of bloated ones what a new build would save, of missing ones the tables',
    labels,
  },
]
