import { serverColumn } from '../../kit/columns.ts'
import { columnsOfTop } from '../../kit/expressions.ts'
import type { Row } from '../../kit/panel.ts'
import { inDatabases } from '../../kit/variables.ts'

const by = 'cls, ins, datname, relname'

const bloatOf = (kind: 'table' | 'index') => {
  const size = `max by (${by}) (pg_${kind}_bloat_size{${inDatabases}})`
  const ratio = `max by (${by}) (pg_${kind}_bloat_ratio{${inDatabases}})`
  return columnsOfTop(by, 15, `(${size} * ${ratio})`, [size, ratio])
}
const needsRead =
  'Estimated every few minutes from statistics that the agent may read only where it has SELECT: pgherd-agent --self-test prints the GRANT.'
const labels = { ins: serverColumn, datname: { title: 'Database' }, relname: { title: 'Relation' } } as const

const [wastedTable, sizeTable, ratioTable] = bloatOf('table')
const [wastedIndex, sizeIndex, ratioIndex] = bloatOf('index')

export const bloat: Row = {
  title: 'Bloat',
  panels: [
    {
      kind: 'table',
      width: 12,
      height: 11,
      title: 'Tables with most bloat',
      description:
        'Bytes that an equal table just written would not need, estimated from statistics. Plain VACUUM does not give them back to the disk.',
      noValue: needsRead,
      unit: 'count',
      labels,
      sortBy: { title: 'Wasted', descending: true },
      values: [
        { title: 'Wasted', unit: 'bytes', expr: wastedTable! },
        { title: 'Size', unit: 'bytes', expr: sizeTable! },
        { title: 'Part', unit: 'ratio', expr: ratioTable!, steps: [{ from: 0.5, tone: 'warn' }] },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 11,
      title: 'Indexes with most bloat',
      description:
        'Bytes that an equal B-tree just built would not need, estimated. REINDEX CONCURRENTLY gives them back.',
      noValue: needsRead,
      unit: 'count',
      labels,
      sortBy: { title: 'Wasted', descending: true },
      values: [
        { title: 'Wasted', unit: 'bytes', expr: wastedIndex! },
        { title: 'Size', unit: 'bytes', expr: sizeIndex! },
        { title: 'Part', unit: 'ratio', expr: ratioIndex!, steps: [{ from: 0.5, tone: 'warn' }] },
      ],
    },
  ],
}
