import { rateBy } from '../../kit/expressions.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstRate, half } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const by = 'cls, ins'

export const checkpoints: Row = {
  title: 'Checkpoints and the background writer',
  panels: [
    {
      ...half,
      title: 'Checkpoints within ten minutes',
      description:
        'Checkpoints begun in the ten minutes before each point. Requested ones come from max_wal_size being too small for the load, or from a backup.',
      noValue: 'The first counter needs two measurements.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (${by}) (increase(pg_checkpointer_timed{${inServers}}[10m]))`,
          legend: '{{ins}} scheduled',
        },
        {
          expr: `sum by (${by}) (increase(pg_checkpointer_req{${inServers}}[10m]))`,
          legend: '{{ins}} requested',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Time since the last checkpoint',
      description: 'How long ago the last one began: a crash now is recovered from there.',
      noValue: 'The server has not answered yet.',
      unit: 'seconds',
      queries: [{ expr: `max by (${by}) (pg_checkpoint_elapse{${inServers}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Time of checkpoints',
      description:
        'Part of the time in which checkpoints wrote, and in which they waited for the kernel to sync. Syncing for long means a disk that is too slow.',
      noValue: firstRate,
      unit: 'ratio',
      min: 0,
      queries: [
        { expr: rateBy(by, 'pg_checkpointer_write_time', inServers), legend: '{{ins}} writing' },
        { expr: rateBy(by, 'pg_checkpointer_sync_time', inServers), legend: '{{ins}} syncing' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Who writes buffers',
      description:
        'Buffers per second written by checkpoints and by the background writer, and those that sessions had to drive out for room.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [
        { expr: rateBy(by, 'pg_checkpointer_buffers_written', inServers), legend: '{{ins}} checkpoints' },
        { expr: rateBy(by, 'pg_bgwriter_buffers_clean', inServers), legend: '{{ins}} background writer' },
        {
          expr: rateBy(by, 'pg_io_writes', `${inServers},type="client backend",object="relation"`),
          legend: '{{ins}} sessions',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Buffers allocated',
      description: 'Pages per second that came into shared_buffers.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pg_bgwriter_buffers_alloc', inServers), legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Background writer stopped',
      description:
        'Times per second that it had written bgwriter_lru_maxpages and stopped, though there was more to do.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pg_bgwriter_maxwritten_clean', inServers), legend: '{{ins}}' }],
      link: { board: 'tuning', title: 'Show its settings', labels: ['cls', 'ins'] },
    },
  ],
}
