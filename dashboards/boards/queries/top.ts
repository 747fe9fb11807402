import { serverColumn } from '../../kit/columns.ts'
import { columnsOfTop } from '../../kit/expressions.ts'
import { toDatabase } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inDatabases } from '../../kit/variables.ts'

const by = 'cls, ins, datname, query'
const rate = (metric: string): string => `sum by (${by}) (rate(pg_query_${metric}{${inDatabases}}[5m]))`
const noStatements =
  'pg_stat_statements is not there (pgherd-agent --self-test tells what is missing), or nothing ran.'

const [time, calls, perCall, rows, io, wal, hits] = columnsOfTop(by, 20, rate('exec_time'), [
  rate('calls'),
  `(${rate('exec_time')} / (${rate('calls')} > 0))`,
  `(${rate('rows')} / (${rate('calls')} > 0))`,
  rate('io_time'),
  rate('wal_bytes'),
  `(${rate('sblk_hit')} / (${rate('sblk_hit')} + ${rate('sblk_read')} > 0))`,
])

export const top: Row = {
  title: 'Statements that take most time',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 14,
      title: 'Twenty statements that took most time in the last five minutes',
      description:
        'By the identifier that pg_stat_statements gives them: SELECT query FROM pg_stat_statements WHERE queryid = ... tells the text. Time is in seconds per second: 1 is one session that does nothing else.',
      noValue: noStatements,
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database', link: toDatabase },
        query: {
          title: 'Statement',
          link: { board: 'queries', title: 'Show this statement', labels: ['ins', 'datname', 'query'] },
        },
      },
      sortBy: { title: 'Time', descending: true },
      values: [
        { title: 'Time', expr: time!, decimals: 3 },
        { title: 'Calls', unit: 'perSecond', expr: calls! },
        { title: 'Time of a call', unit: 'seconds', expr: perCall! },
        { title: 'Rows of a call', expr: rows! },
        { title: 'Reading and writing', expr: io!, decimals: 3 },
        { title: 'WAL', unit: 'bytesPerSecond', expr: wal! },
        { title: 'Cache hits', unit: 'ratio', decimals: 1, expr: hits! },
      ],
    },
  ],
}
