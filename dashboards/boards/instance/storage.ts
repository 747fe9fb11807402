import { rateBy, share } from '../../kit/expressions.ts'
import type { Row } from '../../kit/panel.ts'
import { inServers } from '../../kit/variables.ts'

const half = { kind: 'lines', width: 12, height: 8 } as const
const toWal = { board: 'wal', title: 'Show its WAL', labels: ['cls', 'ins'] } as const
const ioSince16 =
  'PostgreSQL tells reads and writes by process since version 16, and a rate needs two measurements.'

export const storage: Row = {
  title: 'WAL and storage',
  panels: [
    {
      ...half,
      title: 'WAL written',
      description:
        'Write-ahead log per second: what has to be archived, sent to standbys and replayed there.',
      noValue: 'PostgreSQL counts WAL since version 14.',
      unit: 'bytesPerSecond',
      queries: [{ expr: rateBy('cls, ins', 'pg_wal_bytes', inServers), legend: '{{ins}}' }],
      link: toWal,
    },
    {
      ...half,
      title: 'Checkpoints within ten minutes',
      description:
        'Checkpoints begun in the ten minutes before each point. Requested ones come from max_wal_size being too small for the load, or from a backup.',
      noValue: 'The first counter needs two measurements.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins) (increase(pg_checkpointer_timed{${inServers}}[10m]))`,
          legend: '{{ins}} scheduled',
        },
        {
          expr: `sum by (cls, ins) (increase(pg_checkpointer_req{${inServers}}[10m]))`,
          legend: '{{ins}} requested',
        },
      ],
      link: toWal,
    },
    {
      ...half,
      title: 'Bytes read and written by PostgreSQL',
      description:
        'What processes of the server asked of the kernel; reads may come from the page cache. PostgreSQL 16 and later.',
      noValue: ioSince16,
      unit: 'bytesPerSecond',
      queries: [
        { expr: rateBy('cls, ins', 'pg_io_read_bytes', inServers), legend: '{{ins}} read' },
        { expr: rateBy('cls, ins', 'pg_io_write_bytes', inServers), legend: '{{ins}} write' },
        { expr: rateBy('cls, ins', 'pg_io_extend_bytes', inServers), legend: '{{ins}} extend' },
      ],
      link: { board: 'disk', title: 'Show its disks', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Time of one read',
      description:
        'Seconds that a read of a block took on average, by what read. Below a millisecond it came from the page cache or a fast disk. Needs track_io_timing.',
      noValue: 'Nothing was read, or track_io_timing is off.',
      unit: 'seconds',
      queries: [
        {
          expr: share(
            `sum by (cls, ins, type) (rate(pg_io_read_time{${inServers},object="relation"}[$__rate_interval]))`,
            `sum by (cls, ins, type) (rate(pg_io_reads{${inServers},object="relation"}[$__rate_interval]))`,
          ),
          legend: '{{ins}} {{type}}',
        },
      ],
    },
    {
      ...half,
      title: 'Sizes of databases and WAL',
      description:
        'Bytes on disk of each database and of the WAL directory, which grows when archiving fails or a replication slot holds it back.',
      noValue: 'Sizes are measured each minute; the first is still to come.',
      unit: 'bytes',
      queries: [
        { expr: `max by (cls, ins, datname) (pg_size_bytes{${inServers}})`, legend: '{{ins}} {{datname}}' },
      ],
      link: { board: 'tables', title: 'Show its tables', labels: ['cls', 'ins', 'datname'] },
    },
    {
      ...half,
      title: 'Replication lag',
      description:
        'How long ago the last replayed transaction was committed on the primary; 0 when a standby has replayed all that it received.',
      noValue: 'Measured on standbys: none of these servers is one.',
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins) (pg_lag{${inServers}} and pg_is_in_recovery{${inServers}} == 1)`,
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 10, tone: 'warn' },
        { from: 60, tone: 'bad' },
      ],
      link: { board: 'replication', title: 'Show its replication', labels: ['cls'] },
    },
  ],
}
