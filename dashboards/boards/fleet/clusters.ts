import { clusterColumn, fillSteps } from '../../kit/columns.ts'
import { rateNow } from '../../kit/expressions.ts'
import type { Row } from '../../kit/panel.ts'
import { inClusters } from '../../kit/variables.ts'

const status = (name: string): string => `pgherd_cluster_status{${inClusters},status="${name}"}`

export const clusters: Row = {
  title: 'Clusters',
  panels: [
    {
      kind: 'table',
      title: 'Clusters',
      description:
        'A line for each cluster; a click on its name shows it alone. Lag is that of its slowest standby.',
      noValue: 'No cluster was measured in this time.',
      unit: 'count',
      width: 24,
      height: 9,
      labels: { cls: clusterColumn },
      sortBy: { title: 'Transactions', descending: true },
      values: [
        {
          title: 'Judged',
          expr: `max by (cls) (${status('critical')} * 3 or ${status('degraded')} * 2 or ${status('healthy')})`,
          states: [
            { value: 0, text: 'unknown', tone: 'unknown' },
            { value: 1, text: 'healthy', tone: 'good' },
            { value: 2, text: 'degraded', tone: 'warn' },
            { value: 3, text: 'critical', tone: 'bad' },
          ],
        },
        { title: 'Servers', expr: `count by (cls) (pg_up{${inClusters}})` },
        { title: 'Up', expr: `sum by (cls) (pg_up{${inClusters}})` },
        {
          title: 'Primaries',
          expr: `count by (cls) (pg_in_recovery{${inClusters}} == 0)`,
          base: 'good',
          steps: [{ from: 2, tone: 'bad' }],
        },
        {
          title: 'Transactions',
          unit: 'perSecond',
          expr: rateNow('cls', 'pg_db_xact_total', inClusters),
        },
        { title: 'Active sessions', expr: `sum by (cls) (pg_activity_count{${inClusters},state="active"})` },
        {
          title: 'Lag',
          unit: 'seconds',
          expr: `max by (cls) (pg_lag{${inClusters}})`,
          steps: [
            { from: 10, tone: 'warn' },
            { from: 60, tone: 'bad' },
          ],
        },
        { title: 'WAL', unit: 'bytesPerSecond', expr: rateNow('cls', 'pg_wal_bytes', inClusters) },
        {
          title: 'Size',
          unit: 'bytes',
          expr: `max by (cls) (sum by (cls, ins) (pg_size_bytes{${inClusters}}))`,
        },
        {
          title: 'Fullest disk',
          unit: 'ratio',
          expr: `max by (cls) (1 - node_filesystem_avail_bytes{${inClusters}} / (node_filesystem_size_bytes{${inClusters}} > 0))`,
          steps: fillSteps,
        },
        {
          title: 'Transaction IDs used',
          unit: 'ratio',
          expr: `max by (cls) (pg_wraparound_xid_limit_ratio{${inClusters}})`,
          steps: [
            { from: 0.25, tone: 'warn' },
            { from: 0.5, tone: 'bad' },
          ],
        },
      ],
    },
  ],
}
