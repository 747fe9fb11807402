import { toBackup, toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstRate, half } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const by = 'cls, ins'

export const archive: Row = {
  title: 'Archive and reads',
  panels: [
    {
      ...half,
      title: 'WAL files archived',
      description: 'Files that were archived within ten minutes, and attempts that failed.',
      noValue: 'The first counter needs two measurements.',
      unit: 'count',
      queries: [
        {
          expr: `max by (${by}) (increase(pg_archiver_finish_count{${inServers}}[10m]))`,
          legend: '{{ins}} archived',
        },
        {
          expr: `max by (${by}) (increase(pg_archiver_failed_count{${inServers}}[10m]))`,
          legend: '{{ins}} failed',
        },
      ],
      link: toBackup,
    },
    {
      ...half,
      title: 'WAL files that wait',
      description:
        'Files that are ready and not archived yet. When they pile up pg_wal grows, and a loss of the host loses them.',
      noValue: 'These servers archive nothing.',
      unit: 'count',
      queries: [{ expr: `max by (${by}) (pg_archive_ready{${inServers}})`, legend: '{{ins}}' }],
      steps: [
        { from: 10, tone: 'warn' },
        { from: 100, tone: 'bad' },
      ],
      link: toBackup,
    },
    {
      kind: 'lines',
      width: 12,
      height: 9,
      title: 'Reads by who',
      description:
        'Bytes per second that each kind of process read, from the page cache or the disk. PostgreSQL 16 and later.',
      noValue: 'PostgreSQL tells it since version 16.',
      unit: 'bytesPerSecond',
      stack: true,
      queries: [
        {
          expr: `sum by (type) (rate(pg_io_read_bytes{${inServers}}[$__rate_interval])) > 0`,
          legend: '{{type}}',
        },
      ],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      kind: 'lines',
      width: 12,
      height: 9,
      title: 'Writes by who',
      description:
        'Bytes per second that each kind of process wrote. Sessions should leave that to the checkpointer and the background writer.',
      noValue: firstRate,
      unit: 'bytesPerSecond',
      stack: true,
      queries: [
        {
          expr: `sum by (type) (rate(pg_io_write_bytes{${inServers}}[$__rate_interval])) > 0`,
          legend: '{{type}}',
        },
      ],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      title: 'Prefetching of recovery',
      description:
        'Blocks per second that recovery read ahead because they were not in shared buffers. PostgreSQL 15 and later.',
      noValue: 'Measured on standbys of version 15 and later.',
      unit: 'perSecond',
      queries: [
        {
          expr: `max by (${by}) (rate(pg_recovery_prefetch_prefetch{${inServers}}[$__rate_interval]))`,
          legend: '{{ins}} read ahead',
        },
        {
          expr: `max by (${by}) (rate(pg_recovery_prefetch_hit{${inServers}}[$__rate_interval]))`,
          legend: '{{ins}} were there',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Small caches',
      description:
        'Blocks per second that were not in the caches of transaction states, subtransactions and multixacts. Many mean that one of them is too small.',
      noValue: 'PostgreSQL tells it since version 13.',
      unit: 'perSecond',
      queries: [
        { expr: `sum by (name) (rate(pg_slru_blks_read{${inServers}}[5m])) > 0`, legend: '{{name}}' },
      ],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
  ],
}
