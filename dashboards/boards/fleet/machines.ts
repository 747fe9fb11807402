import { fillSteps } from '../../kit/columns.ts'
import { toDisk, toNode, toVacuum } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inClusters } from '../../kit/variables.ts'

const third = { width: 8, height: 9, min: 0, max: 1, unit: 'ratio' } as const

export const machines: Row = {
  title: 'Nearest to their limits',
  panels: [
    {
      kind: 'bars',
      title: 'Busiest CPUs',
      description:
        'Part of all CPUs of a machine that was not idle within the last five minutes, the ten busiest.',
      noValue: 'No machine was measured in this time.',
      ...third,
      queries: [
        {
          expr: `topk(10, 1 - avg by (cls, ins) (rate(node_cpu_seconds_total{${inClusters},mode="idle"}[5m])))`,
          legend: '{{ins}}',
        },
      ],
      steps: fillSteps,
      link: toNode,
    },
    {
      kind: 'bars',
      title: 'Fullest filesystems',
      description:
        'Part of a filesystem that is taken, the ten fullest. PostgreSQL stops when the one with its WAL is full.',
      noValue: 'No filesystem was measured in this time.',
      ...third,
      queries: [
        {
          expr: `topk(10, max by (cls, ins, mountpoint) (1 - node_filesystem_avail_bytes{${inClusters}} / (node_filesystem_size_bytes{${inClusters}} > 0)))`,
          legend: '{{ins}} {{mountpoint}}',
        },
      ],
      steps: fillSteps,
      link: toDisk,
    },
    {
      kind: 'bars',
      title: 'Nearest to running out of transaction IDs',
      description:
        'How far a database is on the way to the age at which its server stops taking writes; autovacuum begins to force its way at about a tenth.',
      noValue: 'Measured each minute; the first is still to come.',
      ...third,
      queries: [
        {
          expr: `topk(10, max by (cls, ins, datname) (pg_wraparound_xid_limit_ratio{${inClusters}}))`,
          legend: '{{ins}} {{datname}}',
        },
      ],
      steps: [
        { from: 0.25, tone: 'warn' },
        { from: 0.5, tone: 'bad' },
      ],
      link: toVacuum,
    },
  ],
}
