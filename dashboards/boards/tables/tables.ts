import { serverColumn } from '../../kit/columns.ts'
import { columnsOfTop } from '../../kit/expressions.ts'
import { toDatabase, toTable } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstMinutes } from '../../kit/sizes.ts'
import { inDatabases } from '../../kit/variables.ts'

const by = 'cls, ins, datname, relname'
const chosen = `${inDatabases},relname=~"$relname"`
const max = (metric: string): string => `max by (${by}) (${metric}{${chosen}})`
const rate = (metric: string): string => `sum by (${by}) (rate(pg_table_${metric}{${chosen}}[5m]))`

const labels = {
  ins: serverColumn,
  datname: { title: 'Database', link: toDatabase },
  relname: {
    title: 'Table',
    link: toTable,
  },
} as const

const [size, heap, indexes, toast, rows] = columnsOfTop(by, 20, max('pg_table_size_bytes'), [
  max('pg_table_size_relsize'),
  max('pg_table_size_indexsize'),
  max('pg_table_size_toastsize'),
  max('pg_table_n_live_tup'),
])
const [read, sequential, byIndex, written, hot, disk] = columnsOfTop(by, 20, rate('tup_read'), [
  rate('seq_scan'),
  rate('idx_scan'),
  rate('n_tup_mod'),
  `(${rate('n_tup_hot_upd')} / (${rate('n_tup_upd')} > 0))`,
  rate('heap_blks_read'),
])

export const tables: Row = {
  title: 'Tables',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 11,
      title: 'Largest tables',
      description:
        'The twenty largest tables with their indexes and TOAST, by the pages that the last VACUUM or ANALYZE counted.',
      noValue: firstMinutes,
      unit: 'count',
      labels,
      sortBy: { title: 'All', descending: true },
      values: [
        { title: 'All', unit: 'bytes', expr: size! },
        { title: 'Table itself', unit: 'bytes', expr: heap! },
        { title: 'Indexes', unit: 'bytes', expr: indexes! },
        { title: 'TOAST', unit: 'bytes', expr: toast! },
        { title: 'Rows', expr: rows! },
      ],
    },
    {
      kind: 'table',
      width: 24,
      height: 11,
      title: 'Busiest tables',
      description:
        'The twenty tables of which most rows were read in the last five minutes. Many rows by few sequential scans of a large table want an index.',
      noValue: 'No table was read.',
      unit: 'count',
      labels,
      sortBy: { title: 'Rows read', descending: true },
      values: [
        { title: 'Rows read', unit: 'perSecond', expr: read! },
        { title: 'Sequential scans', unit: 'perSecond', expr: sequential! },
        { title: 'Index scans', unit: 'perSecond', expr: byIndex! },
        { title: 'Rows written', unit: 'perSecond', expr: written! },
        { title: 'Updates without an index', unit: 'ratio', expr: hot! },
        { title: 'Blocks read', unit: 'perSecond', expr: disk! },
      ],
    },
  ],
}
