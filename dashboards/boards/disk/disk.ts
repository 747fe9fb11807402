import { fillSteps, serverColumn } from '../../kit/columns.ts'
import { rateBy, share } from '../../kit/expressions.ts'
import { toNode } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const by = 'cls, ins, device'
const legend = '{{ins}} {{device}}'
const chosen = `${inServers},device=~"$device"`
const noDevice = 'The machine shows no block device, or a rate still lacks its second measurement.'
const noFilesystem = 'No filesystem of this selection was measured in this time.'

export const disks: Row = {
  title: 'Disks',
  panels: [
    {
      ...half,
      title: 'Disk busy',
      description:
        'Part of the time in which a disk had work to do. Near 1 a single spindle is saturated; SSDs can still take more.',
      noValue: noDevice,
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [{ expr: rateBy(by, 'node_disk_io_time_seconds_total', chosen), legend }],
      steps: fillSteps,
      link: toNode,
    },
    {
      ...half,
      title: 'Requests under way',
      description:
        'Requests that a disk had at once, on average. What is more than it can do in parallel waits.',
      noValue: noDevice,
      unit: 'count',
      queries: [{ expr: rateBy(by, 'node_disk_io_time_weighted_seconds_total', chosen), legend }],
      link: toNode,
    },
    {
      ...half,
      title: 'Time of a read',
      description: 'How long a read took on average, with its wait in the queue.',
      noValue: 'Nothing was read from a disk.',
      unit: 'seconds',
      queries: [
        {
          expr: share(
            rateBy(by, 'node_disk_read_time_seconds_total', chosen),
            rateBy(by, 'node_disk_reads_completed_total', chosen),
          ),
          legend,
        },
      ],
      steps: [
        { from: 0.02, tone: 'warn' },
        { from: 0.1, tone: 'bad' },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Time of a write',
      description:
        'How long a write took on average, with its wait in the queue. Commits wait for writes and flushes.',
      noValue: 'Nothing was written to a disk.',
      unit: 'seconds',
      queries: [
        {
          expr: share(
            rateBy(by, 'node_disk_write_time_seconds_total', chosen),
            rateBy(by, 'node_disk_writes_completed_total', chosen),
          ),
          legend,
        },
      ],
      steps: [
        { from: 0.02, tone: 'warn' },
        { from: 0.1, tone: 'bad' },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Throughput',
      description: 'Bytes read and written per second; written is below zero.',
      noValue: noDevice,
      unit: 'bytesPerSecond',
      mirrored: '/ written$/',
      queries: [
        { expr: rateBy(by, 'node_disk_read_bytes_total', chosen), legend: `${legend} read` },
        { expr: rateBy(by, 'node_disk_written_bytes_total', chosen), legend: `${legend} written` },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Requests',
      description: 'Reads and writes per second; writes are below zero.',
      noValue: noDevice,
      unit: 'iosPerSecond',
      mirrored: '/ writes$/',
      queries: [
        { expr: rateBy(by, 'node_disk_reads_completed_total', chosen), legend: `${legend} reads` },
        { expr: rateBy(by, 'node_disk_writes_completed_total', chosen), legend: `${legend} writes` },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Time of a flush',
      description:
        'How long a flush of the cache of the disk took on average: what a commit waits for at last. Linux 5.5 and later.',
      noValue: 'The disks were not flushed, or the kernel does not tell it.',
      unit: 'seconds',
      queries: [
        {
          expr: share(
            rateBy(by, 'node_disk_flush_requests_time_seconds_total', chosen),
            rateBy(by, 'node_disk_flush_requests_total', chosen),
          ),
          legend,
        },
      ],
      steps: [
        { from: 0.01, tone: 'warn' },
        { from: 0.1, tone: 'bad' },
      ],
      link: { board: 'wal', title: 'Show its WAL', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Waiting for disks',
      description:
        'Part of the time in which at least one process of the machine waited for a disk, and in which none could do anything else.',
      noValue: 'The kernel tells no pressure: it is older than 4.20, or was started without psi=1.',
      unit: 'ratio',
      min: 0,
      queries: [
        {
          expr: rateBy('cls, ins', 'node_pressure_io_waiting_seconds_total', inServers),
          legend: '{{ins}} some',
        },
        {
          expr: rateBy('cls, ins', 'node_pressure_io_stalled_seconds_total', inServers),
          legend: '{{ins}} all',
        },
      ],
      link: toNode,
    },
  ],
}

const ofMount = (expr: string): string => `max by (cls, ins, mountpoint) (${expr})`
const size = `(node_filesystem_size_bytes{${inServers}} > 0)`

export const filesystems: Row = {
  title: 'Filesystems',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 8,
      title: 'Filesystems',
      description: 'A line for each filesystem; "full in" goes on as the last six hours did.',
      noValue: noFilesystem,
      unit: 'count',
      labels: { cls: { title: 'Cluster' }, ins: serverColumn, mountpoint: { title: 'Mounted at' } },
      sortBy: { title: 'Used', descending: true },
      values: [
        { title: 'Size', unit: 'bytes', expr: ofMount(size) },
        { title: 'Available', unit: 'bytes', expr: ofMount(`node_filesystem_avail_bytes{${inServers}}`) },
        {
          title: 'Used',
          unit: 'ratio',
          expr: ofMount(`1 - node_filesystem_avail_bytes{${inServers}} / ${size}`),
          steps: fillSteps,
          barTo: 1,
        },
        {
          title: 'Inodes used',
          unit: 'ratio',
          expr: ofMount(
            `1 - node_filesystem_files_free{${inServers}} / (node_filesystem_files{${inServers}} > 0)`,
          ),
          steps: fillSteps,
        },
        {
          title: 'Full in',
          unit: 'seconds',
          expr: ofMount(
            `node_filesystem_avail_bytes{${inServers}} / (-deriv(node_filesystem_avail_bytes{${inServers}}[6h]) > 0)`,
          ),
          base: 'bad',
          steps: [
            { from: 86_400, tone: 'warn' },
            { from: 604_800, tone: 'good' },
          ],
        },
        {
          title: 'Read only',
          expr: ofMount(`node_filesystem_readonly{${inServers}}`),
          states: [
            { value: 0, text: 'no', tone: 'good' },
            { value: 1, text: 'yes', tone: 'warn' },
          ],
        },
      ],
    },
    {
      ...half,
      title: 'Filesystems used',
      description:
        'Part of each filesystem that is taken. PostgreSQL stops when the one with its WAL is full.',
      noValue: noFilesystem,
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: ofMount(`1 - node_filesystem_avail_bytes{${inServers}} / ${size}`),
          legend: '{{ins}} {{mountpoint}}',
        },
      ],
      steps: fillSteps,
      link: toNode,
    },
    {
      ...half,
      title: 'Bytes available',
      description: 'Bytes that are left for PostgreSQL on each filesystem.',
      noValue: noFilesystem,
      unit: 'bytes',
      min: 0,
      queries: [
        { expr: ofMount(`node_filesystem_avail_bytes{${inServers}}`), legend: '{{ins}} {{mountpoint}}' },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'What takes the space',
      description: 'Bytes of the databases, of the WAL and of temporary files that exist now.',
      noValue: 'Measured each minute; the first is still to come.',
      unit: 'bytes',
      queries: [
        { expr: `sum by (cls, ins) (pg_size_bytes{${inServers}})`, legend: '{{ins}} databases' },
        { expr: `max by (cls, ins) (pg_waldir_bytes{${inServers}})`, legend: '{{ins}} WAL' },
        { expr: `sum by (cls, ins) (pg_tmpdir_bytes{${inServers}})`, legend: '{{ins}} temporary files' },
      ],
      link: { board: 'tables', title: 'Show its tables', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Reads and writes of the server itself',
      description:
        'Bytes per second of the control group that PostgreSQL runs in, where it has one of its own.',
      noValue: 'The server has no control group of its own, or the kernel does not count what it reads.',
      unit: 'bytesPerSecond',
      queries: [
        { expr: rateBy('cls, ins', 'pgherd_cgroup_io_read_bytes_total', inServers), legend: '{{ins}} read' },
        {
          expr: rateBy('cls, ins', 'pgherd_cgroup_io_written_bytes_total', inServers),
          legend: '{{ins}} written',
        },
      ],
      link: { board: 'instance', title: 'Show this server', labels: ['cls', 'ins'] },
    },
  ],
}
