import { serverColumn } from '../../kit/columns.ts'
import { columnsOfTop } from '../../kit/expressions.ts'
import { whenLong } from '../../kit/long-ranges.ts'
import { toInstance, toTable } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inDatabases } from '../../kit/variables.ts'
import { noEstimate, ofIndexes, ofUnused } from './estimated.ts'

const by = 'cls, ins, datname, relname, idxname'
const max = (metric: string): string => `max by (${by}) (pg_index_write_${metric}{${inDatabases}})`
const [wal, scans, optional, size] = columnsOfTop(by, 30, ofIndexes(by), [
  max('scans'),
  max('optional'),
  `(8192 * ${max('pages')})`,
])

/** Over long ranges. */
const recorded = (metric: string): string =>
  `sum by (cls, ins) (avg_over_time(database:pg_wal_${metric}_bytes:rate5m{${whenLong(inDatabases)}}[$__interval]))`

export const indexes: Row = {
  title: 'Indexes',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 12,
      title: 'Indexes that make most WAL',
      description:
        'Each row that is inserted, and each update that is not in place, writes every index of its table. Scans are those of this server since its statistics were reset; `agentctl index list` looks at all members.',
      noValue: noEstimate,
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database' },
        relname: {
          title: 'Table',
          link: toTable,
        },
        idxname: { title: 'Index' },
      },
      sortBy: { title: 'WAL', descending: true },
      values: [
        { title: 'WAL', unit: 'bytesPerSecond', expr: wal! },
        { title: 'Scans', expr: scans!, states: [{ value: 0, text: 'never', tone: 'warn' }] },
        {
          title: 'For',
          expr: optional!,
          states: [
            { value: 0, text: 'a constraint', tone: 'calm' },
            { value: 1, text: 'queries', tone: 'unknown' },
          ],
        },
        { title: 'Size', unit: 'bytes', expr: size! },
      ],
    },
    {
      ...half,
      title: 'WAL by index',
      description:
        'Bytes of WAL per second of the ten indexes that make most, estimated. Over more than a day of those that were among the twenty of their server.',
      noValue: noEstimate,
      unit: 'bytesPerSecond',
      stack: true,
      queries: [
        {
          expr: `topk(10, ${ofIndexes('cls, ins, datname, idxname')})`,
          recorded: `topk(10, sum by (cls, ins, datname, idxname) (sum_over_time(index:pg_wal_bytes:top_avg5m{${whenLong(inDatabases)}}[$__interval])) * 300000 / $__interval_ms)`,
          legend: '{{ins}} {{datname}} {{idxname}}',
        },
      ],
      link: { board: 'tables', title: 'Show its database', labels: ['cls', 'ins', 'datname'] },
    },
    {
      ...half,
      title: 'WAL of indexes by use',
      description:
        'Bytes of WAL per second of indexes that were scanned or that a constraint needs, and of those that this server has never scanned.',
      noValue: noEstimate,
      unit: 'bytesPerSecond',
      stack: true,
      queries: [
        {
          expr: `${ofIndexes('cls, ins')} - (${ofUnused('cls, ins')} or 0 * ${ofIndexes('cls, ins')})`,
          recorded: `${recorded('index')} - (${recorded('unused_index')} or 0 * ${recorded('index')})`,
          legend: '{{ins}} of use',
        },
        {
          expr: ofUnused('cls, ins'),
          recorded: recorded('unused_index'),
          legend: '{{ins}} never scanned',
        },
      ],
      link: toInstance,
    },
  ],
}
