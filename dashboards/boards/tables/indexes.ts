import { serverColumn } from '../../kit/columns.ts'
import { columnsOfTop } from '../../kit/expressions.ts'
import { toDatabase } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstMinutes, half } from '../../kit/sizes.ts'
import { inDatabases } from '../../kit/variables.ts'

const by = 'cls, ins, datname, relname, idxname'
const rate = (metric: string): string => `sum by (${by}) (rate(pg_index_${metric}{${inDatabases}}[5m]))`
const labels = {
  ins: serverColumn,
  datname: { title: 'Database' },
  relname: { title: 'Table' },
  idxname: { title: 'Index' },
} as const
const [scans, entries, reads] = columnsOfTop(by, 20, rate('idx_scan'), [
  rate('idx_tup_read'),
  rate('idx_blks_read'),
])

const finding = 'cls, ins, datname, finding'

export const indexes: Row = {
  title: 'Indexes and what is wrong',
  panels: [
    {
      kind: 'table',
      width: 12,
      height: 8,
      title: 'What is wrong with indexes',
      description:
        'What primaries find once an hour. Unused is what this server did not use for a week or since pgherd looks; agentctl index list says what every member of the cluster says, and whether it can go.',
      noValue: 'Nothing was found, or the first look is still to come.',
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database' },
        finding: { title: 'Finding' },
      },
      sortBy: { title: 'Size', descending: true },
      values: [
        { title: 'Indexes', expr: `max by (${finding}) (pgherd_index_findings{${inDatabases}} > 0)` },
        {
          title: 'Size',
          unit: 'bytes',
          expr: `max by (${finding}) (pgherd_index_findings_bytes{${inDatabases}} > 0)`,
        },
      ],
    },
    {
      ...half,
      title: 'Size of what is wrong',
      description:
        'Bytes of indexes that were found on all chosen servers: of bloated ones what a new build would save, of missing ones the tables that are read in their place.',
      noValue: 'Nothing was found, or the first look is still to come.',
      unit: 'bytes',
      queries: [
        {
          expr: `sum by (finding) (pgherd_index_findings_bytes{${inDatabases}})`,
          legend: '{{finding}}',
        },
      ],
      link: { ...toDatabase, labels: [] },
    },
    {
      kind: 'table',
      width: 12,
      height: 10,
      title: 'Busiest indexes',
      description: 'The twenty indexes that were scanned most in the last five minutes.',
      noValue: 'No index was scanned.',
      unit: 'count',
      labels,
      sortBy: { title: 'Scans', descending: true },
      values: [
        { title: 'Scans', unit: 'perSecond', expr: scans! },
        { title: 'Entries', unit: 'perSecond', expr: entries! },
        { title: 'Blocks read', unit: 'perSecond', expr: reads! },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 10,
      title: 'Indexes that nobody uses',
      description:
        'Large indexes never scanned on this server since its statistics were reset. Each write keeps them. Look at all members of a cluster before dropping one.',
      noValue: 'Every large index is used.',
      unit: 'count',
      labels,
      sortBy: { title: 'Size', descending: true },
      values: [
        { title: 'Size', unit: 'bytes', expr: `max by (${by}) (pg_index_unused_bytes{${inDatabases}})` },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 8,
      title: 'Invalid indexes',
      description:
        'Indexes that no query uses, because a CREATE INDEX CONCURRENTLY failed. Drop them, or REINDEX.',
      noValue: 'No index is invalid.',
      unit: 'count',
      labels,
      sortBy: { title: 'Size', descending: true },
      values: [
        { title: 'Size', unit: 'bytes', expr: `max by (${by}) (pg_index_invalid_bytes{${inDatabases}})` },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 8,
      title: 'Foreign keys without an index',
      description:
        'Foreign keys whose columns lead no index of their table: each delete in the referenced table reads this one from end to end.',
      noValue: 'Every foreign key of a large table has an index, or the first look is still to come.',
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database' },
        relname: { title: 'Table' },
        conname: { title: 'Foreign key' },
      },
      sortBy: { title: 'Size of the table', descending: true },
      values: [
        {
          title: 'Size of the table',
          unit: 'bytes',
          expr: `max by (cls, ins, datname, relname, conname) (pg_fkey_unindexed_bytes{${inDatabases}})`,
        },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 8,
      title: 'Sequences on the way to their end',
      description:
        'How far sequences are on the way to the last value that they, or the column that owns them, can hold. At 1 inserts fail.',
      noValue: firstMinutes,
      unit: 'count',
      labels: { ins: serverColumn, datname: { title: 'Database' }, seqname: { title: 'Sequence' } },
      sortBy: { title: 'Used', descending: true },
      values: [
        {
          title: 'Used',
          unit: 'ratio',
          decimals: 2,
          expr: `topk(15, max by (cls, ins, datname, seqname) (pg_seq_exhaustion_ratio{${inDatabases}}))`,
          steps: [
            { from: 0.5, tone: 'warn' },
            { from: 0.8, tone: 'bad' },
          ],
        },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 8,
      title: 'Rows in default partitions',
      description:
        'Rows that no other partition wanted, at the last VACUUM or ANALYZE. They stop the partition that should have had them from being made.',
      noValue: 'No table has a default partition.',
      unit: 'count',
      labels: { ins: serverColumn, datname: { title: 'Database' }, relname: { title: 'Partition' } },
      sortBy: { title: 'Rows', descending: true },
      values: [
        { title: 'Rows', expr: `max by (cls, ins, datname, relname) (pg_defpart_tuples{${inDatabases}})` },
      ],
    },
  ],
}
