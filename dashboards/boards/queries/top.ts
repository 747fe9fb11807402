import { serverColumn } from '../../kit/columns.ts'
import { columnsOfTop } from '../../kit/expressions.ts'
import { toDatabase } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inClusters, inDatabases } from '../../kit/variables.ts'
import { percentileOf, rateOf } from './moments.ts'

const by = 'cls, ins, datname, query'
const named = `${inDatabases},query!="other"`
const rate = (counter: string): string => rateOf(by, counter, named, '5m')
const percentile = (which: 'p95' | 'p99'): string =>
  `(${percentileOf(which, { by, selector: named, window: '5m' })})`
/** A counter that has not moved has no series: who never reads has all, who never hits has nothing from the cache. */
const [hits, reads] = [rate('sblk_hit'), rate('sblk_read')]
const noStatements =
  'pg_stat_statements is not there (pgherd-agent --self-test tells what is missing), or nothing ran.'

/** Puts the text beside each; one that is new has none at first. */
const withText = (expr: string): string =>
  `(${expr}) * on (cls, datname, query) group_left (text) topk by (cls, datname, query) (1, pg_query_info{${inClusters}}) or on (${by}) (${expr})`

const [time, calls, perCall, p95, p99, rows, io, wal, hitRatio] = columnsOfTop(by, 20, rate('exec_time'), [
  rate('calls'),
  `(${rate('exec_time')} / (${rate('calls')} > 0))`,
  percentile('p95'),
  percentile('p99'),
  `(${rate('rows')} / (${rate('calls')} > 0))`,
  rate('io_time'),
  rate('wal_bytes'),
  `(${hits} / (${hits} + ${reads} > 0) or (${hits} > 0) ^ 0 or (${reads} > 0) * 0)`,
]).map(withText)

export const top: Row = {
  title: 'Statements that take most time',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 14,
      title: 'Twenty statements that took most time in the last five minutes',
      description:
        'With the beginnings of their texts, without constants; agentctl queries show has all of a text. Time is in seconds per second: 1 is one session that does nothing else. Percentiles are estimated from sums of times and of their squares, and shown from twenty calls on.',
      noValue: noStatements,
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database', link: toDatabase },
        query: {
          title: 'Statement',
          link: { board: 'queries', title: 'Show this statement', labels: ['ins', 'datname', 'query'] },
        },
        text: { title: 'Text', width: 280 },
      },
      sortBy: { title: 'Time', descending: true },
      values: [
        { title: 'Time', expr: time!, decimals: 3 },
        { title: 'Calls', unit: 'perSecond', expr: calls! },
        { title: 'Time of a call', unit: 'seconds', expr: perCall! },
        { title: 'Percentile 95', unit: 'seconds', expr: p95! },
        { title: 'Percentile 99', unit: 'seconds', expr: p99! },
        { title: 'Rows of a call', expr: rows! },
        { title: 'Reading and writing', expr: io!, decimals: 3 },
        { title: 'WAL', unit: 'bytesPerSecond', expr: wal! },
        { title: 'Cache hits', unit: 'ratio', decimals: 1, expr: hitRatio! },
      ],
    },
  ],
}
