import { rateNow, share } from '../../kit/expressions.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstRate, small } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'
import { noEstimate, ofIndexes, ofUnused } from './estimated.ts'

const by = 'cls, ins'
const wal = `sum by (${by}) (instance:pg_wal_bytes:rate5m{${inServers}})`
const grown = (metric: string): string => `sum by (${by}) (increase(${metric}{${inServers}}[30m]))`

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'WAL written',
      description: 'Bytes of WAL per second on average of five minutes.',
      noValue: 'Only primaries write it; the first value comes after two minutes.',
      unit: 'bytesPerSecond',
      base: 'calm',
      sparkline: true,
      queries: [{ expr: wal, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...small,
      title: 'Full-page images',
      description:
        'Part of the WAL that is images of whole pages, which the first change of a page after a checkpoint makes; estimated before PostgreSQL 19.',
      noValue: noEstimate,
      unit: 'ratio',
      queries: [
        {
          expr: share(`sum by (${by}) (instance:pg_wal_fpi_bytes:rate5m{${inServers}})`, wal),
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 0.5, tone: 'warn' }],
      link: { board: 'wal', title: 'Show its checkpoints', labels: ['cls', 'ins'] },
    },
    {
      ...small,
      title: 'Checkpoints requested',
      description:
        'Part of the checkpoints of half an hour that were requested before they were due, mostly because max_wal_size was full.',
      noValue: 'There was no checkpoint within half an hour.',
      unit: 'ratio',
      queries: [
        {
          expr: share(
            grown('pg_checkpointer_req'),
            `(${grown('pg_checkpointer_req')} + ${grown('pg_checkpointer_timed')})`,
          ),
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 0.3, tone: 'warn' }],
      link: { board: 'wal', title: 'Show its checkpoints', labels: ['cls', 'ins'] },
    },
    {
      ...small,
      title: 'Updates in place',
      description:
        'Part of the updated rows whose new version lies in the same page and left the indexes alone (HOT). The others write every index.',
      noValue: 'Nothing was updated.',
      unit: 'ratio',
      queries: [
        {
          expr: share(
            rateNow(by, 'pg_table_n_tup_hot_upd', inServers),
            rateNow(by, 'pg_table_n_tup_upd', inServers),
          ),
          legend: '{{ins}}',
        },
      ],
      base: 'calm',
      link: { board: 'tables', title: 'Show its tables', labels: ['cls', 'ins'] },
    },
    {
      ...small,
      title: 'WAL of indexes',
      description: 'Part of the WAL that indexes make, estimated.',
      noValue: noEstimate,
      unit: 'ratio',
      queries: [{ expr: share(ofIndexes(by), wal), legend: '{{ins}}' }],
      base: 'calm',
      link: { board: 'tables', title: 'Show its indexes', labels: ['cls', 'ins'] },
    },
    {
      ...small,
      title: 'Of indexes never scanned here',
      description:
        'Part of the WAL that is made by indexes which this server has never scanned since its statistics were reset, without those that a constraint needs. Its standbys may scan them.',
      noValue: `${firstRate} Or every index that is written is scanned, too.`,
      unit: 'ratio',
      queries: [{ expr: share(ofUnused(by), wal), legend: '{{ins}}' }],
      steps: [{ from: 0.1, tone: 'warn' }],
      link: { board: 'tables', title: 'Show its indexes', labels: ['cls', 'ins'] },
    },
  ],
}
