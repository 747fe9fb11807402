import { rateBy, share } from '../../kit/expressions.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstRate, half } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const since14 = 'PostgreSQL counts WAL since version 14.'
const by = 'cls, ins'

export const wal: Row = {
  title: 'WAL',
  panels: [
    {
      ...half,
      title: 'WAL written',
      description:
        'Bytes of WAL per second, from the position in it: what has to be archived, sent to standbys and replayed there.',
      noValue: firstRate,
      unit: 'bytesPerSecond',
      queries: [{ expr: `max by (${by}) (rate(pg_lsn{${inServers}}[$__rate_interval]))`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Records and full pages',
      description:
        'Records per second, and how many of them carry a whole page: after each checkpoint the first change of every page does.',
      noValue: since14,
      unit: 'perSecond',
      queries: [
        { expr: rateBy(by, 'pg_wal_records', inServers), legend: '{{ins}} records' },
        { expr: rateBy(by, 'pg_wal_fpi', inServers), legend: '{{ins}} full pages' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Bytes of a record',
      description:
        'Size of a record of WAL on average. It jumps after a checkpoint, and stays high when checkpoints come too often.',
      noValue: since14,
      unit: 'bytes',
      queries: [
        {
          expr: share(rateBy(by, 'pg_wal_bytes', inServers), rateBy(by, 'pg_wal_records', inServers)),
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Writes because the buffers were full',
      description: 'Times per second that a session had to write WAL itself because wal_buffers were full.',
      noValue: since14,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pg_wal_buffers_full', inServers), legend: '{{ins}}' }],
      steps: [{ from: 1, tone: 'warn' }],
      link: { board: 'tuning', title: 'Show its settings', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Size of the WAL directory',
      description:
        'Bytes in pg_wal. It grows beyond max_wal_size when archiving fails or a slot keeps WAL, until the disk is full and the server stops.',
      noValue: 'Measured each minute; the first is still to come.',
      unit: 'bytes',
      queries: [
        { expr: `max by (${by}) (pg_waldir_bytes{${inServers}})`, legend: '{{ins}}' },
        { expr: `max by (${by}) (pg_setting_max_wal_size{${inServers}})`, legend: '{{ins}} max_wal_size' },
      ],
      link: { board: 'replication', title: 'Show its slots', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Time of a flush of WAL',
      description:
        'How long PostgreSQL waited for the disk to have WAL, on average: each commit waits for it. PostgreSQL 18 and later, with track_wal_io_timing.',
      noValue: 'PostgreSQL tells it in this way since version 18, and with track_wal_io_timing.',
      unit: 'seconds',
      queries: [
        {
          expr: share(
            `sum by (${by}) (rate(pg_io_fsync_time{${inServers},object="wal"}[$__rate_interval]))`,
            `sum by (${by}) (rate(pg_io_fsyncs{${inServers},object="wal"}[$__rate_interval]))`,
          ),
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 0.01, tone: 'warn' },
        { from: 0.1, tone: 'bad' },
      ],
      link: { board: 'disk', title: 'Show its disks', labels: ['cls', 'ins'] },
    },
  ],
}
