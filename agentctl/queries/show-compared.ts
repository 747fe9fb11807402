import { comparedQueriesAnswer } from '../../common/insight/queries-view.ts'
import type { ComparedQuery, QueryFigures, QuerySort } from '../../common/insight/queries-view.ts'
import { asJson } from '../as-json.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { textCell } from './on-one-line.ts'
import { perCall, printCount, printPercentile, printSeconds } from './print-figures.ts'
import { namesToShow, scopeParameters } from './query-scope.ts'
import type { GivenRange, ScopeFlags } from './query-scope.ts'
import { withQuery } from '../with-query.ts'

export interface CompareFlags extends ScopeFlags {
  readonly before: GivenRange
  readonly after: GivenRange
  readonly sort: QuerySort
  readonly limit: number
}

const columns = [
  { title: 'CALLS/S', align: 'right', spare: 2 },
  { title: 'MEAN', align: 'right' },
  { title: 'P95', align: 'right' },
  { title: 'BLOCKS/CALL', align: 'right', spare: 3 },
  { title: 'TIME', align: 'right' },
  { title: 'CHANGE', align: 'right' },
  { title: 'CLUSTER', onlyIfFilled: true, spare: 4 },
  { title: 'DATABASE', onlyIfFilled: true, spare: 5 },
  { title: 'QUERY' },
  { title: 'TEXT', spare: 1 },
] as const

/** `agentctl queries compare`: what changed between two ranges. */
export async function showCompared(context: CliContext, flags: CompareFlags): Promise<void> {
  const path = withQuery('/api/v1/queries/compare', {
    ...scopeParameters(flags),
    before_start: flags.before.start,
    before_end: flags.before.end,
    start: flags.after.start,
    end: flags.after.end,
    sort: flags.sort,
    limit: flags.limit,
  })
  const { data } = await context.client().call('GET', path, comparedQueriesAnswer)
  const shown = asJson(context, flags)
  const { before, after } = data
  if (shown.format() === 'table' && data.rows.length > 0) {
    const range = ({ startMs, endMs }: typeof before) => `${printMoment(startMs)} to ${printMoment(endMs)}`
    context.terminal.print(`before: ${range(before)}, after: ${range(after)} (UTC)`)
  }
  const names = namesToShow(shown, data.rows)
  const seconds = { before: lengthOf(before), after: lengthOf(after) }
  present(shown, {
    columns,
    rows: data.rows.map((row) => [
      ...figuresOf(row, seconds),
      names.cluster ? row.cluster : '',
      names.datname ? row.datname : '',
      row.query,
      textCell(row.text),
    ]),
    data,
    nothing: 'no statement was counted in either range',
  })
}

const lengthOf = ({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): number =>
  (endMs - startMs) / 1000

function figuresOf(
  { before, after }: ComparedQuery,
  seconds: { readonly before: number; readonly after: number },
): readonly string[] {
  const pair = (of: (figures: QueryFigures, seconds: number) => string): string =>
    `${of(before, seconds.before)} → ${of(after, seconds.after)}`
  const busy = (figures: QueryFigures, length: number): number => figures.timeSeconds / length
  return [
    pair(({ calls }, length) => printCount(calls / length)),
    pair(({ meanSeconds }) => (meanSeconds === null ? '-' : printSeconds(meanSeconds))),
    pair(({ p95 }) => printPercentile(p95)),
    pair((figures) => perCall(figures.blocksHit + figures.blocksRead, figures)),
    pair((figures, length) => `${((busy(figures, length) || 0) * 100).toFixed(1)}%`),
    changeOf(busy(before, seconds.before), busy(after, seconds.after)),
  ]
}

/** Of the time in the statement, per second of the ranges. */
function changeOf(before: number, after: number): string {
  if (before === 0) return after === 0 ? '-' : 'new'
  if (after === 0) return 'gone'
  return after >= before ? `×${printCount(after / before)}` : `÷${printCount(before / after)}`
}
