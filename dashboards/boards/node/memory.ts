import { rateBy } from '../../kit/expressions.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inServers } from '../../kit/variables.ts'

const half = { kind: 'lines', width: 12, height: 8 } as const
const notMeasured = 'No machine of this selection was measured in this time.'
const memory = (name: string): string => `node_memory_${name}_bytes{${inServers}}`

export const memoryRow: Row = {
  title: 'Memory',
  panels: [
    {
      ...half,
      stack: true,
      title: 'Memory by use',
      description:
        'Memory held by processes, memory that the kernel can reclaim (mostly page cache), and free memory, of the chosen machines together.',
      noValue: notMeasured,
      unit: 'bytes',
      queries: [
        { expr: `sum(${memory('MemTotal')} - ${memory('MemAvailable')})`, legend: 'in use' },
        { expr: `sum(${memory('MemAvailable')} - ${memory('MemFree')})`, legend: 'reclaimable' },
        { expr: `sum(${memory('MemFree')})`, legend: 'free' },
      ],
      colours: { 'in use': 'orange', reclaimable: 'sky', free: 'grey' },
    },
    {
      ...half,
      title: 'Memory used',
      description: 'Part of the memory of each machine that cannot be reclaimed.',
      noValue: notMeasured,
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `max by (cls, ins) (1 - ${memory('MemAvailable')} / ${memory('MemTotal')})`,
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Committed memory',
      description:
        'What all processes have asked for, as a part of what the kernel lets them; from 1 on it refuses where vm.overcommit_memory is 2.',
      noValue: notMeasured,
      unit: 'ratio',
      min: 0,
      queries: [
        {
          expr: `max by (cls, ins) (${memory('Committed_AS')} / (${memory('CommitLimit')} > 0))`,
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Swapping and hard faults',
      description:
        'Pages per second that were read back from swap or written to it, and page faults that took a disk. A database server should do neither.',
      noValue: 'A rate needs two measurements; the first appears after 20 s.',
      unit: 'perSecond',
      queries: [
        { expr: rateBy('cls, ins', 'node_vmstat_pswpin', inServers), legend: '{{ins}} swapped in' },
        { expr: rateBy('cls, ins', 'node_vmstat_pswpout', inServers), legend: '{{ins}} swapped out' },
        { expr: rateBy('cls, ins', 'node_vmstat_pgmajfault', inServers), legend: '{{ins}} hard faults' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Dirty pages',
      description:
        'Bytes in the page cache that wait to be written. When there are too many the kernel makes writers wait, checkpoints among them.',
      noValue: notMeasured,
      unit: 'bytes',
      queries: [
        { expr: `max by (cls, ins) (${memory('Dirty')})`, legend: '{{ins}} dirty' },
        { expr: `max by (cls, ins) (${memory('Writeback')})`, legend: '{{ins}} being written' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Huge pages',
      description:
        'Huge pages that are reserved and those that are free; what is reserved and never taken is lost to everybody.',
      noValue: notMeasured,
      unit: 'count',
      queries: [
        { expr: `max by (cls, ins) (node_memory_HugePages_Total{${inServers}})`, legend: '{{ins}} all' },
        { expr: `max by (cls, ins) (node_memory_HugePages_Free{${inServers}})`, legend: '{{ins}} free' },
      ],
      link: toInstance,
    },
  ],
}
