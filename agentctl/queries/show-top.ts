import { topQueriesAnswer } from '../../common/insight/queries-view.ts'
import type { QueryRow, QuerySort, TopQueries } from '../../common/insight/queries-view.ts'
import { asJson } from '../as-json.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { printAge, printable } from '../terminal.ts'
import { textCell } from './on-one-line.ts'
import { perCall, printBytes, printCount, printHits, printPercentile, printSeconds } from './print-figures.ts'
import { namesToShow, rangeParameters, scopeParameters } from './query-scope.ts'
import type { RangeFlags, ScopeFlags } from './query-scope.ts'
import { withQuery } from '../with-query.ts'

export interface TopFlags extends ScopeFlags, RangeFlags {
  readonly sort: QuerySort
  readonly limit: number
}

const columns = [
  { title: 'SHARE', align: 'right' },
  { title: 'TIME', align: 'right', spare: 2 },
  { title: 'CALLS', align: 'right' },
  { title: 'MEAN', align: 'right' },
  { title: 'P50', align: 'right', spare: 6 },
  { title: 'P95', align: 'right' },
  { title: 'P99', align: 'right', spare: 3 },
  { title: 'ROWS/CALL', align: 'right', spare: 7 },
  { title: 'HIT', align: 'right', spare: 8 },
  { title: 'IO', align: 'right', spare: 9 },
  { title: 'WAL', align: 'right', spare: 10 },
  { title: 'TEMP', align: 'right', spare: 11 },
  { title: 'CLUSTER', onlyIfFilled: true, spare: 4 },
  { title: 'DATABASE', onlyIfFilled: true, spare: 5 },
  { title: 'QUERY' },
  { title: 'TEXT' },
] as const

/** `agentctl queries top`: what of all statements took most. */
export async function showTop(context: CliContext, flags: TopFlags): Promise<void> {
  const path = withQuery('/api/v1/queries', {
    ...scopeParameters(flags),
    ...rangeParameters(flags, context.clock.now()),
    sort: flags.sort,
    limit: flags.limit,
  })
  const { data } = await context.client().call('GET', path, topQueriesAnswer)
  const shown = asJson(context, flags)
  const rows = [...data.rows, ...data.others]
  const names = namesToShow(shown, rows)
  if (shown.format() === 'table' && rows.length > 0) printTotals(shown, data)
  present(shown, {
    columns,
    rows: rows.map((row) => cells(row, names)),
    data,
    nothing:
      'no statement was counted there: agentctl show settings tells whether shared_preload_libraries has pg_stat_statements, pgherd-agent --self-test what else is missing',
  })
}

function cells(
  row: QueryRow,
  names: { readonly cluster: boolean; readonly datname: boolean },
): readonly string[] {
  return [
    `${(row.share * 100).toFixed(1)}%`,
    printSeconds(row.timeSeconds),
    printCount(row.calls),
    row.meanSeconds === null ? '-' : printSeconds(row.meanSeconds),
    printPercentile(row.p50),
    printPercentile(row.p95),
    printPercentile(row.p99),
    perCall(row.rows, row),
    printHits(row),
    printSeconds(row.ioSeconds),
    printBytes(row.walBytes),
    printBytes(row.tempBytes),
    names.cluster ? row.cluster : '',
    names.datname ? row.datname : '',
    row.query,
    textCell(row.text ?? (row.query === 'other' ? '(all other statements)' : null)),
  ]
}

function printTotals({ terminal }: CliContext, data: TopQueries): void {
  const { startMs, endMs, timeSeconds, calls, p50, p95, p99 } = data
  const busy = timeSeconds / ((endMs - startMs) / 1000)
  const all =
    p95 === null
      ? ''
      : `; all executions: p50 ${printPercentile(p50)}, p95 ${printPercentile(p95)}, p99 ${printPercentile(p99)}`
  terminal.print(
    printable(
      `${printAge(endMs - startMs)} until ${printMoment(endMs)}: ${printCount(calls)} calls, ${printSeconds(timeSeconds)} in statements (${Number(busy.toPrecision(3))} sessions busy on average)${all}`,
    ),
  )
}
