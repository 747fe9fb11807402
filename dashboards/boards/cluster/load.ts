import { rateBy } from '../../kit/expressions.ts'
import { toInstance, toNode, toReplication } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstMinutes, firstRate, half } from '../../kit/sizes.ts'
import { inClusters } from '../../kit/variables.ts'

export const load: Row = {
  title: 'Load',
  panels: [
    {
      ...half,
      title: 'Transactions',
      description:
        'Commits and rollbacks per second of each member: how the load is spread, and what a failover would move.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [{ expr: rateBy('cls, ins', 'pg_db_xact_total', inClusters), legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Active sessions',
      description: 'Sessions that run a statement at the moment of the measurement.',
      noValue: 'No client session was open.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins) (pg_activity_count{${inClusters},state="active"})`,
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'WAL written',
      description: 'Write-ahead log per second on the primary, from its position.',
      noValue: firstRate,
      unit: 'bytesPerSecond',
      queries: [
        {
          expr: `max by (cls, ins) (rate(pg_lsn{${inClusters}}[$__rate_interval]))`,
          legend: '{{ins}}',
        },
      ],
      link: { board: 'wal', title: 'Show its WAL', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Replication lag',
      description: 'Bytes that the primary has written and a standby has not replayed yet.',
      noValue: 'No standby streams from a server of this cluster.',
      unit: 'bytes',
      queries: [
        { expr: `max by (cls, appname) (pg_repl_replay_diff{${inClusters}})`, legend: '{{appname}}' },
      ],
      steps: [
        { from: 67_108_864, tone: 'warn' },
        { from: 1_073_741_824, tone: 'bad' },
      ],
      link: toReplication,
    },
    {
      ...half,
      title: 'CPU busy',
      description: 'Part of all CPUs of the machine of each member that was not idle.',
      noValue: 'The machines are not measured.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `1 - avg by (cls, ins) (rate(node_cpu_seconds_total{${inClusters},mode="idle"}[$__rate_interval]))`,
          legend: '{{ins}}',
        },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Disk busy',
      description: 'Part of the time in which the busiest disk of each machine had work to do.',
      noValue: 'The machines show no block device.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `max by (cls, ins) (rate(node_disk_io_time_seconds_total{${inClusters}}[$__rate_interval]))`,
          legend: '{{ins}}',
        },
      ],
      link: { board: 'disk', title: 'Show its disks', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Databases',
      description: 'Bytes on disk of each database on the primary, and of its WAL directory.',
      noValue: firstMinutes,
      unit: 'bytes',
      queries: [
        {
          expr: `max by (cls, datname) (pg_size_bytes{${inClusters}} and on (cls, ins) pg_in_recovery{${inClusters}} == 0)`,
          legend: '{{datname}}',
        },
      ],
      link: { board: 'database', title: 'Show this database', labels: ['cls', 'datname'] },
    },
    {
      ...half,
      title: 'Fullest filesystem',
      description: 'Part of the fullest filesystem of each member that is taken.',
      noValue: 'The machines are not measured.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `max by (cls, ins) (1 - node_filesystem_avail_bytes{${inClusters}} / (node_filesystem_size_bytes{${inClusters}} > 0))`,
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 0.8, tone: 'warn' },
        { from: 0.95, tone: 'bad' },
      ],
      link: { board: 'disk', title: 'Show its disks', labels: ['cls', 'ins'] },
    },
  ],
}
