import { foundQueriesAnswer } from '../../common/insight/queries-view.ts'
import type {
  FoundQueries,
  OneQuery,
  Percentile,
  QueryFigures,
  QueryRegression,
} from '../../common/insight/queries-view.ts'
import { asJson } from '../as-json.ts'
import type { CliContext } from '../context.ts'
import { printFacts } from '../fact-lines.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { printTable } from '../print-table.ts'
import { printAge, printable } from '../terminal.ts'
import {
  perCall,
  printBytes,
  printCount,
  printHits,
  printPercentile,
  printSeconds,
  sparkline,
} from './print-figures.ts'
import { rangeParameters, scopeParameters } from './query-scope.ts'
import type { RangeFlags, ScopeFlags } from './query-scope.ts'
import { withQuery } from '../with-query.ts'

/** `agentctl queries show <queryid>`: one statement in full. */
export async function showOne(
  context: CliContext,
  query: string,
  flags: ScopeFlags & RangeFlags,
): Promise<void> {
  const path = withQuery(`/api/v1/queries/${encodeURIComponent(query)}`, {
    ...scopeParameters(flags),
    ...rangeParameters(flags, context.clock.now()),
  })
  const { data } = await context.client().call('GET', path, foundQueriesAnswer)
  const shown = asJson(context, flags)
  if (shown.format() === 'table') {
    data.found.forEach((one, at) => {
      if (at > 0) context.terminal.print('')
      printOne(context, one, data)
    })
    return
  }
  present(shown, {
    columns: byServerColumns,
    rows: data.found.flatMap((one) => one.byServer.map((server) => serverCells(server.server, server))),
    data,
    nothing: '',
  })
}

function printOne(context: CliContext, one: OneQuery, { startMs, endMs, stepMs }: FoundQueries): void {
  const { terminal } = context
  const seen =
    one.firstSeenMs === null || one.lastSeenMs === null
      ? undefined
      : `${printMoment(one.firstSeenMs)} until ${printMoment(one.lastSeenMs)}`
  printFacts(terminal, [
    ['statement', `${one.query} of ${one.datname} in ${one.cluster}`],
    ['seen', seen],
    ['range', `${printAge(endMs - startMs)} until ${printMoment(endMs)}`],
    [
      'calls',
      `${printCount(one.calls)}, ${printSeconds(one.timeSeconds)} in all, ${(one.share * 100).toFixed(1)}% of the time of all statements`,
    ],
    ['mean', one.meanSeconds === null ? undefined : printSeconds(one.meanSeconds)],
    ['p50', describePercentile(one.p50)],
    ['p95', describePercentile(one.p95)],
    ['p99', describePercentile(one.p99)],
    ['planning', one.planSeconds > 0 ? printSeconds(one.planSeconds) : undefined],
    ['rows', one.calls > 0 ? `${perCall(one.rows, one)} per call` : undefined],
    ['blocks', one.blocksHit + one.blocksRead > 0 ? blocksOf(one) : undefined],
    ['I/O', one.ioSeconds > 0 ? `${printSeconds(one.ioSeconds)} reading and writing` : undefined],
    [
      'WAL',
      one.walBytes > 0
        ? `${printBytes(one.walBytes)}, ${printCount(one.fullPageImages)} full pages`
        : undefined,
    ],
    ['temporary', one.tempBytes > 0 ? printBytes(one.tempBytes) : undefined],
    ...one.regressions.map((found) => ['worse', describeRegression(found)] as const),
  ])
  if (one.calls > 0) printTrend(context, one, stepMs)
  if (one.byServer.length > 1) {
    terminal.print('')
    printTable(
      terminal,
      byServerColumns,
      one.byServer.map((server) => serverCells(server.server, server)),
    )
  }
  terminal.print('')
  for (const line of (one.text ?? 'no agent has told its text yet').split('\n'))
    terminal.print(printable(line))
}

const methods: Readonly<Record<string, string>> = {
  'pgss-lognormal': 'estimated from moments',
  'pgsm-histogram': 'from the histogram of pg_stat_monitor',
  histogram: 'from a histogram',
}

function describePercentile(found: Percentile | null): string {
  if (found === null) return '- (fewer than 20 calls)'
  const { confidence, lo, hi, method, calls, cv, partial } = found
  const bounds =
    lo === null || hi === null ? '' : `, certainly from ${printSeconds(lo)} to ${printSeconds(hi)}`
  const variation = cv === null ? '' : `, variation ${Number(cv.toPrecision(2))}`
  const missing = partial ? ', some calls are missing' : ''
  return `${printSeconds(found.value)}  ${confidence} confidence${bounds} (${methods[method] ?? method} of ${printCount(calls)} calls${variation}${missing})`
}

function blocksOf(figures: QueryFigures): string {
  const { blocksHit, blocksRead, blocksDirtied } = figures
  const dirtied = blocksDirtied > 0 ? `, ${perCall(blocksDirtied, figures)} dirtied` : ''
  return `${perCall(blocksHit + blocksRead, figures)} per call, ${printHits(figures)} from the cache${dirtied}`
}

function describeRegression({ server, sinceMs, what, before, after }: QueryRegression): string {
  const print = what === 'p95' ? printSeconds : printCount
  const name = what === 'p95' ? 'p95' : `${what} per call`
  return `${name} ${print(before)} -> ${print(after)} on ${server} against its last week, since ${printMoment(sinceMs)}`
}

function printTrend({ terminal }: CliContext, { trend }: OneQuery, stepMs: number): void {
  const lines: (readonly [string, readonly (number | null)[], (value: number) => string])[] = [
    ['calls', trend.map(({ calls }) => calls), printCount],
    ['mean', trend.map(({ meanSeconds }) => meanSeconds), printSeconds],
    ['p95', trend.map(({ p95 }) => p95?.value ?? null), printSeconds],
  ]
  terminal.print('')
  terminal.print(`Every ${printAge(stepMs)}:`)
  printFacts(
    terminal,
    lines.map(([name, values, print]) => {
      const known = values.filter((value) => value !== null)
      if (known.length === 0) return [name, undefined]
      return [name, `${sparkline(values)}  ${print(Math.min(...known))} to ${print(Math.max(...known))}`]
    }),
  )
}

const byServerColumns = [
  { title: 'SERVER' },
  { title: 'CALLS', align: 'right' },
  { title: 'TIME', align: 'right' },
  { title: 'MEAN', align: 'right' },
  { title: 'P50', align: 'right' },
  { title: 'P95', align: 'right' },
  { title: 'P99', align: 'right' },
  { title: 'ROWS/CALL', align: 'right', spare: 1 },
  { title: 'HIT', align: 'right', spare: 2 },
] as const

function serverCells(server: string, figures: QueryFigures): readonly string[] {
  return [
    server,
    printCount(figures.calls),
    printSeconds(figures.timeSeconds),
    figures.meanSeconds === null ? '-' : printSeconds(figures.meanSeconds),
    printPercentile(figures.p50),
    printPercentile(figures.p95),
    printPercentile(figures.p99),
    perCall(figures.rows, figures),
    printHits(figures),
  ]
}
