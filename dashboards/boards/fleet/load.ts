import { rateBy, share } from '../../kit/expressions.ts'
import { toCluster } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inClusters } from '../../kit/variables.ts'

const firstRate = 'A rate needs two measurements; the first appears after 20 s.'
const half = { width: 12, height: 8 } as const

export const load: Row = {
  title: 'Load',
  panels: [
    {
      kind: 'lines',
      title: 'Transactions',
      description:
        'Commits and rollbacks per second of all servers of a cluster. A sudden fall is an outage or an application that is gone.',
      noValue: firstRate,
      unit: 'perSecond',
      ...half,
      queries: [{ expr: rateBy('cls', 'pg_db_xact_total', inClusters), legend: '{{cls}}' }],
      link: toCluster,
    },
    {
      kind: 'lines',
      title: 'Active sessions',
      description:
        'Sessions that run a statement at the moment of the measurement. More than there are CPUs for a long time means that they wait.',
      noValue: 'No client session was open.',
      unit: 'count',
      ...half,
      queries: [
        { expr: `sum by (cls) (pg_activity_count{${inClusters},state="active"})`, legend: '{{cls}}' },
      ],
      link: toCluster,
    },
    {
      kind: 'lines',
      title: 'Time in statements',
      description:
        'Sessions that execute a statement on average, from the time that they spent: unlike the moment of a measurement it misses no short ones. PostgreSQL 14 and later.',
      noValue: 'PostgreSQL tells the time of sessions since version 14.',
      unit: 'count',
      ...half,
      queries: [{ expr: rateBy('cls', 'pg_db_active_time', inClusters), legend: '{{cls}}' }],
      link: toCluster,
    },
    {
      kind: 'lines',
      title: 'Rolled back',
      description:
        'Part of the transactions that were rolled back. It rises when an application meets errors, deadlocks or timeouts.',
      noValue: 'No transaction has ended.',
      unit: 'ratio',
      ...half,
      min: 0,
      queries: [
        {
          expr: share(
            rateBy('cls', 'pg_db_xact_rollback', inClusters),
            rateBy('cls', 'pg_db_xact_total', inClusters),
          ),
          legend: '{{cls}}',
        },
      ],
      link: toCluster,
    },
    {
      kind: 'lines',
      title: 'WAL written',
      description:
        'Write-ahead log per second: what has to be archived, sent to standbys and replayed there.',
      noValue: 'PostgreSQL counts WAL since version 14.',
      unit: 'bytesPerSecond',
      ...half,
      queries: [{ expr: rateBy('cls', 'pg_wal_bytes', inClusters), legend: '{{cls}}' }],
      link: toCluster,
    },
    {
      kind: 'lines',
      title: 'Slowest standby',
      description:
        'Replication lag of the standby that is furthest behind, in seconds. With nothing to replay it is 0.',
      noValue: 'Measured on standbys: these clusters have none that answers.',
      unit: 'seconds',
      ...half,
      queries: [
        {
          expr: `max by (cls) (pg_lag{${inClusters}} and pg_is_in_recovery{${inClusters}} == 1)`,
          legend: '{{cls}}',
        },
      ],
      steps: [
        { from: 10, tone: 'warn' },
        { from: 60, tone: 'bad' },
      ],
      link: { board: 'replication', title: 'Show its replication', labels: ['cls'] },
    },
  ],
}
