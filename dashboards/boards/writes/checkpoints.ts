import { rateBy, share } from '../../kit/expressions.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstRate, half } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'
import { noEstimate } from './estimated.ts'

const by = 'cls, ins'
const toTuning = { board: 'tuning', title: 'Show its settings', labels: ['cls', 'ins'] } as const
const buffers = (metric: string, more = ''): string => rateBy(by, metric, `${inServers}${more}`)

export const checkpoints: Row = {
  title: 'Checkpoints and buffers',
  panels: [
    {
      ...half,
      title: 'Checkpoints within ten minutes',
      description:
        'Those that were due by checkpoint_timeout, and those that were requested before: max_wal_size is too small for what is written, or somebody asks for them.',
      noValue: 'The first counter needs two measurements.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (${by}) (increase(pg_checkpointer_timed{${inServers}}[10m]))`,
          legend: '{{ins}} due',
        },
        {
          expr: `sum by (${by}) (increase(pg_checkpointer_req{${inServers}}[10m]))`,
          legend: '{{ins}} requested',
        },
      ],
      link: toTuning,
    },
    {
      ...half,
      title: 'Full-page images after checkpoints',
      description:
        'Part of the WAL that is images of whole pages. It jumps with each checkpoint; where it stays high, checkpoints come too often.',
      noValue: noEstimate,
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: share(
            `sum by (${by}) (instance:pg_wal_fpi_bytes:rate5m{${inServers}})`,
            `sum by (${by}) (instance:pg_wal_bytes:rate5m{${inServers}})`,
          ),
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 0.5, tone: 'warn' }],
      link: toTuning,
    },
    {
      ...half,
      title: 'Time between checkpoints',
      description:
        'How long one is after the other, on average of half an hour, and checkpoint_timeout, which it is when none is requested.',
      noValue: noEstimate,
      unit: 'seconds',
      min: 0,
      queries: [
        { expr: `max by (${by}) (instance:pg_checkpoint_interval:rate30m{${inServers}})`, legend: '{{ins}}' },
        {
          expr: `max by (${by}) (pg_setting_checkpoint_timeout{${inServers}})`,
          legend: '{{ins}} checkpoint_timeout',
        },
      ],
      link: toTuning,
    },
    {
      ...half,
      title: 'Who writes buffers',
      description:
        'Buffers per second that checkpoints and the background writer wrote, and those that sessions had to write for room. Many by sessions mean that shared_buffers is small or the background writer slow.',
      noValue: firstRate,
      unit: 'perSecond',
      stack: true,
      queries: [
        { expr: buffers('pg_checkpointer_buffers_written'), legend: '{{ins}} checkpoints' },
        { expr: buffers('pg_bgwriter_buffers_clean'), legend: '{{ins}} background writer' },
        {
          expr: `${buffers('pg_io_writes', ',type="client backend",object="relation"')} or ${buffers('pg_bgwriter_buffers_backend')}`,
          legend: '{{ins}} sessions',
        },
      ],
      link: toInstance,
    },
  ],
}
