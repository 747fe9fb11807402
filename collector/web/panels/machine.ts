import { byScope, inScope } from './panel.ts'
import type { Panel } from './panel.ts'

const window = '[$__rate_interval]'
const firstRate = 'A rate needs two measurements; the first appears after 20 s.'

export const cpuBusy: Panel = {
  id: 'cpu-busy',
  title: 'CPU busy',
  description:
    'Share of all CPUs that was not idle; the busiest machine where several are drawn as one line.',
  unit: 'ratio',
  kind: 'lines',
  top: 1,
  queries: byScope(
    `max by ($by) (1 - avg by (cls, ins) (rate(node_cpu_seconds_total{${inScope},mode="idle"}${window})))`,
  ),
  whenEmpty: firstRate,
}

export const cpuByMode: Panel = {
  id: 'cpu-by-mode',
  title: 'CPU by mode',
  description:
    'What the CPUs did: user is PostgreSQL computing, iowait is waiting for disks, steal is what the hypervisor kept.',
  unit: 'ratio',
  kind: 'stack',
  withoutZeros: true,
  top: 1,
  queries: [
    {
      expr: `avg by (mode) (rate(node_cpu_seconds_total{${inScope},mode!="idle"}${window}))`,
      legend: '{{mode}}',
    },
  ],
  whenEmpty: firstRate,
}

export const memoryUsed: Panel = {
  id: 'memory-used',
  title: 'Memory used',
  description: 'Share of memory that cannot be reclaimed; what is left holds the page cache.',
  unit: 'ratio',
  kind: 'lines',
  top: 1,
  queries: byScope(
    `max by ($by) (1 - node_memory_MemAvailable_bytes{${inScope}} / node_memory_MemTotal_bytes{${inScope}})`,
  ),
  whenEmpty: 'No machine of this selection has been measured in this time.',
}

export const memoryByUse: Panel = {
  id: 'memory-by-use',
  title: 'Memory by use',
  description:
    'Memory held by processes, memory that the kernel can reclaim (mostly page cache), and free memory.',
  unit: 'bytes',
  kind: 'stack',
  queries: [
    {
      expr: `sum(node_memory_MemTotal_bytes{${inScope}} - node_memory_MemAvailable_bytes{${inScope}})`,
      legend: 'in use',
    },
    {
      expr: `sum(node_memory_MemAvailable_bytes{${inScope}} - node_memory_MemFree_bytes{${inScope}})`,
      legend: 'reclaimable',
    },
    { expr: `sum(node_memory_MemFree_bytes{${inScope}})`, legend: 'free' },
  ],
  whenEmpty: 'No machine of this selection has been measured in this time.',
}

export const diskThroughput: Panel = {
  id: 'disk-throughput',
  title: 'Disk throughput',
  description: 'Bytes read from and written to disks per second.',
  unit: 'bytes/s',
  kind: 'lines',
  queries: [
    { expr: `sum by ($by) (rate(node_disk_read_bytes_total{${inScope}}${window}))`, legend: '{{$by}} read' },
    {
      expr: `sum by ($by) (rate(node_disk_written_bytes_total{${inScope}}${window}))`,
      legend: '{{$by}} write',
    },
  ],
  whenEmpty: 'This machine shows no block device, or a rate still lacks its second measurement.',
}

export const diskBusy: Panel = {
  id: 'disk-busy',
  title: 'Disk busy',
  description:
    'Share of time in which the busiest disk had work to do. Near 100 % a single spindle is saturated; SSDs can still take more.',
  unit: 'ratio',
  kind: 'lines',
  top: 1,
  queries: byScope(`max by ($by) (rate(node_disk_io_time_seconds_total{${inScope}}${window}))`),
  whenEmpty: 'This machine shows no block device, or a rate still lacks its second measurement.',
}

export const filesystemUsed: Panel = {
  id: 'filesystem-used',
  title: 'Filesystems used',
  description: 'Share of each filesystem that is taken. PostgreSQL stops when the one with its WAL is full.',
  unit: 'ratio',
  kind: 'lines',
  top: 1,
  queries: [
    {
      expr: `max by ($by, mountpoint) (1 - node_filesystem_avail_bytes{${inScope}} / node_filesystem_size_bytes{${inScope}})`,
      legend: '{{$by}} {{mountpoint}}',
    },
  ],
  whenEmpty: 'No filesystem of this selection has been measured in this time.',
}

export const network: Panel = {
  id: 'network',
  title: 'Network',
  description: 'Bytes received and sent per second over all interfaces but the loopback.',
  unit: 'bytes/s',
  kind: 'lines',
  queries: [
    {
      expr: `sum by ($by) (rate(node_network_receive_bytes_total{${inScope},device!="lo"}${window}))`,
      legend: '{{$by}} received',
    },
    {
      expr: `sum by ($by) (rate(node_network_transmit_bytes_total{${inScope},device!="lo"}${window}))`,
      legend: '{{$by}} sent',
    },
  ],
  whenEmpty: 'This machine has no interface but the loopback, or a rate still lacks its second measurement.',
}
