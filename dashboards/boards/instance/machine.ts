import { rateBy } from '../../kit/expressions.ts'
import { toDisk, toNode } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inServers } from '../../kit/variables.ts'

const third = { kind: 'lines', width: 8, height: 7 } as const

export const machine: Row = {
  title: 'Its machine',
  panels: [
    {
      ...third,
      title: 'CPU busy',
      description: 'Part of all CPUs that was not idle.',
      noValue: 'Its machine was not measured: host.enabled is off, or another agent measures it.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `1 - avg by (cls, ins) (rate(node_cpu_seconds_total{${inServers},mode="idle"}[$__rate_interval]))`,
          legend: '{{ins}}',
        },
      ],
      link: toNode,
    },
    {
      ...third,
      title: 'Memory used',
      description: 'Part of the memory that cannot be reclaimed; what is left holds the page cache.',
      noValue: 'Its machine was not measured.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `max by (cls, ins) (1 - node_memory_MemAvailable_bytes{${inServers}} / node_memory_MemTotal_bytes{${inServers}})`,
          legend: '{{ins}}',
        },
      ],
      link: toNode,
    },
    {
      ...third,
      title: 'Disk throughput',
      description: 'Bytes read from and written to the disks of the machine per second.',
      noValue: 'The machine shows no block device, or a rate still lacks its second measurement.',
      unit: 'bytesPerSecond',
      queries: [
        { expr: rateBy('cls, ins', 'node_disk_read_bytes_total', inServers), legend: '{{ins}} read' },
        { expr: rateBy('cls, ins', 'node_disk_written_bytes_total', inServers), legend: '{{ins}} write' },
      ],
      link: toDisk,
    },
  ],
}
