import type { Row } from '../../kit/panel.ts'
import { toInstance, toReplication } from '../../kit/links.ts'
import { small } from '../../kit/sizes.ts'
import { inClusters } from '../../kit/variables.ts'

const needsHealth = 'Needs agents that report the health of their servers (health.enabled).'

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'Primary',
      description: 'The server that takes writes. Two of them are a split brain.',
      noValue: 'No server takes writes, or none is measured.',
      unit: 'count',
      nameOnly: true,
      base: 'good',
      queries: [{ expr: `max by (cls, ins) (pg_in_recovery{${inClusters}}) == 0`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...small,
      title: 'Judged',
      description: 'What the collector makes of the reports of all members.',
      noValue: needsHealth,
      unit: 'count',
      nameOnly: true,
      queries: [
        { expr: `max by (cls, status) (pgherd_cluster_status{${inClusters}}) == 1`, legend: '{{status}}' },
      ],
      link: toReplication,
    },
    {
      ...small,
      title: 'Servers up',
      description: 'Members that answer their agent.',
      noValue: 'No server of this cluster is measured.',
      unit: 'count',
      queries: [{ expr: `sum(pg_up{${inClusters}})` }],
    },
    {
      ...small,
      title: 'Failover is safe',
      description: 'Whether a standby could take over now without losing commits.',
      noValue: needsHealth,
      unit: 'count',
      states: [
        { value: 0, text: 'no', tone: 'warn' },
        { value: 1, text: 'yes', tone: 'good' },
      ],
      queries: [{ expr: `min by (cls) (pgherd_cluster_failover_safe{${inClusters}})`, legend: '{{cls}}' }],
      link: toReplication,
    },
    {
      ...small,
      title: 'Would be lost',
      description: 'WAL that a failover now would lose: what the best standby has not received yet.',
      noValue: 'There is no standby to fail over to, or nothing reports its health.',
      unit: 'bytes',
      queries: [
        { expr: `max by (cls) (pgherd_cluster_recovery_point_bytes{${inClusters}})`, legend: '{{cls}}' },
      ],
      steps: [
        { from: 1_048_576, tone: 'warn' },
        { from: 67_108_864, tone: 'bad' },
      ],
      link: toReplication,
    },
    {
      ...small,
      title: 'Without a primary for',
      description:
        'How long a failover is expected to take, from what the settings of Patroni say and earlier failovers took.',
      noValue: 'Nobody would fail over: Patroni is not there, or there is no standby.',
      unit: 'seconds',
      queries: [
        { expr: `max by (cls) (pgherd_cluster_recovery_time_seconds{${inClusters}})`, legend: '{{cls}}' },
      ],
      base: 'calm',
      link: toReplication,
    },
  ],
}
