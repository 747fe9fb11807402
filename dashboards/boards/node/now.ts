import { fillSteps } from '../../kit/columns.ts'
import { toDisk } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inServers } from '../../kit/variables.ts'

const small = { kind: 'stat', width: 4, height: 4 } as const
const notMeasured = 'No machine of this selection was measured in this time.'

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'CPUs',
      description: 'Processors that the kernel sees.',
      noValue: notMeasured,
      unit: 'count',
      queries: [
        { expr: `count by (cls, ins) (node_cpu_seconds_total{${inServers},mode="idle"})`, legend: '{{ins}}' },
      ],
    },
    {
      ...small,
      title: 'CPU busy',
      description: 'Part of all CPUs that was not idle in the last two minutes.',
      noValue: notMeasured,
      unit: 'ratio',
      queries: [
        {
          expr: `1 - avg by (cls, ins) (rate(node_cpu_seconds_total{${inServers},mode="idle"}[2m]))`,
          legend: '{{ins}}',
        },
      ],
      steps: fillSteps,
    },
    {
      ...small,
      title: 'Memory',
      description: 'All of the memory of the machine.',
      noValue: notMeasured,
      unit: 'bytes',
      queries: [{ expr: `max by (cls, ins) (node_memory_MemTotal_bytes{${inServers}})`, legend: '{{ins}}' }],
    },
    {
      ...small,
      title: 'Memory used',
      description: 'Part of the memory that cannot be reclaimed; what is left holds the page cache.',
      noValue: notMeasured,
      unit: 'ratio',
      queries: [
        {
          expr: `max by (cls, ins) (1 - node_memory_MemAvailable_bytes{${inServers}} / node_memory_MemTotal_bytes{${inServers}})`,
          legend: '{{ins}}',
        },
      ],
      steps: fillSteps,
    },
    {
      ...small,
      title: 'Fullest filesystem',
      description: 'Part of the fullest filesystem that is taken.',
      noValue: notMeasured,
      unit: 'ratio',
      queries: [
        {
          expr: `max by (cls, ins) (1 - node_filesystem_avail_bytes{${inServers}} / (node_filesystem_size_bytes{${inServers}} > 0))`,
          legend: '{{ins}}',
        },
      ],
      steps: fillSteps,
      link: toDisk,
    },
    {
      ...small,
      title: 'Up for',
      description: 'Time since the machine started.',
      noValue: notMeasured,
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins) (node_time_seconds{${inServers}} - node_boot_time_seconds{${inServers}})`,
          legend: '{{ins}}',
        },
      ],
      base: 'calm',
    },
  ],
}
