import { serverColumn } from '../../kit/columns.ts'
import { columnsOfTop, rateBy, share } from '../../kit/expressions.ts'
import { whenLong } from '../../kit/long-ranges.ts'
import { toDatabase, toInstance, toTable } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inDatabases } from '../../kit/variables.ts'
import { noEstimate, ofIndexes, ofTables } from './estimated.ts'

const by = 'cls, ins, datname, relname'
const rate = (metric: string): string => `sum by (${by}) (rate(pg_table_${metric}{${inDatabases}}[5m]))`
const max = (metric: string): string => `max by (${by}) (${metric}{${inDatabases}})`
const all = `(${ofTables(by)} + ${ofIndexes(by)} or ${ofTables(by)})`

const [wal, indexes, inserted, updated, hot, deleted, dead, count, fill] = columnsOfTop(by, 20, all, [
  ofIndexes(by),
  rate('n_tup_ins'),
  rate('n_tup_upd'),
  `(${share(rate('n_tup_hot_upd'), rate('n_tup_upd'))})`,
  rate('n_tup_del'),
  `(${max('pg_table_n_dead_tup')} / (${max('pg_table_n_dead_tup')} + ${max('pg_table_n_live_tup')} > 0))`,
  max('pg_table_write_indexes'),
  max('pg_table_write_fillfactor'),
])

export const tables: Row = {
  title: 'Tables',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 11,
      title: 'Tables that make most WAL',
      description:
        'The twenty tables that make most WAL with their indexes, estimated from the rows that were written; mostly within a fifth of the truth, which `agentctl show wal-writers` reads from the WAL.',
      noValue: noEstimate,
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database', link: toDatabase },
        relname: {
          title: 'Table',
          link: toTable,
        },
      },
      sortBy: { title: 'WAL', descending: true },
      values: [
        { title: 'WAL', unit: 'bytesPerSecond', expr: wal! },
        { title: 'Of its indexes', unit: 'bytesPerSecond', expr: indexes! },
        { title: 'Inserted', unit: 'perSecond', expr: inserted! },
        { title: 'Updated', unit: 'perSecond', expr: updated! },
        { title: 'In place', unit: 'ratio', decimals: 0, expr: hot! },
        { title: 'Deleted', unit: 'perSecond', expr: deleted! },
        { title: 'Dead rows', unit: 'ratio', decimals: 0, expr: dead! },
        { title: 'Indexes', expr: count! },
        { title: 'Fill factor', expr: fill! },
      ],
    },
    {
      ...half,
      title: 'WAL by table',
      description:
        'Bytes of WAL per second of the ten tables that make most, without their indexes, estimated. Over more than a day of those that were among the twenty of their server.',
      noValue: noEstimate,
      unit: 'bytesPerSecond',
      stack: true,
      queries: [
        {
          expr: `topk(10, ${ofTables(by)})`,
          recorded: `topk(10, sum by (${by}) (sum_over_time(table:pg_wal_bytes:top_avg5m{${whenLong(inDatabases)}}[$__interval])) * 300000 / $__interval_ms)`,
          legend: '{{ins}} {{datname}} {{relname}}',
        },
      ],
      link: toTable,
    },
    {
      ...half,
      title: 'Updates in place',
      description:
        'Part of the updated rows whose new version lies in the same page and left the indexes alone (HOT). It falls when an index comes to a column that is updated, or pages have no room.',
      noValue: 'Nothing was updated.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: share(
            rateBy('cls, ins', 'pg_table_n_tup_hot_upd', inDatabases),
            rateBy('cls, ins', 'pg_table_n_tup_upd', inDatabases),
          ),
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
  ],
}
