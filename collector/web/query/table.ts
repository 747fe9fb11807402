import type { QueryRange } from '../api/client.ts'
import type { RangeSeries } from '../api/answers.ts'

/** One line of a chart; null where there was no sample, which is drawn as a gap. */
export interface Column {
  readonly name: string
  /** What the line is about, such as a server; lines about the same thing share a colour. */
  readonly subject: string
  /** Which of the panel's queries it answers, from 0. */
  readonly query: number
  readonly values: readonly (number | null)[]
}

/** What a chart draws: columns over the instants of one range query. */
export interface Table {
  /** Seconds since the epoch, `stepSeconds` apart. */
  readonly times: readonly number[]
  readonly stepSeconds: number
  readonly columns: readonly Column[]
  /** Series that exist and are left out because a chart can only show so many. */
  readonly omitted: number
}

export interface NamedSeries {
  readonly name: string
  readonly subject: string
  readonly series: RangeSeries
}

/** More lines than this cannot be told apart: eight colours, each solid, dashed and dotted. */
export const mostColumns = 24

/** How much a column matters where not all can be shown. */
export type Rank = (values: Column['values']) => number

/** The largest value of a column. */
export const byPeak: Rank = (values) =>
  values.reduce<number>((peak, value) => Math.max(peak, Math.abs(value ?? 0)), 0)

/** How often a column changed; what changed most is what a timeline is looked at for. */
export const byChanges: Rank = (values) => {
  let changes = 0
  for (let i = 1; i < values.length; i++) if (values[i] !== values[i - 1]) changes++
  return changes
}

/**
 * Puts the answers of a panel's queries on the grid of their range. Columns are in the order of the queries
 * and within each by name; series without any number are left out, and beyond `mostColumns` the last ranked.
 */
export function tableOf(queries: readonly (readonly NamedSeries[])[], range: QueryRange, rank: Rank): Table {
  const count = Math.floor((range.end - range.start) / range.step) + 1
  const columns = queries.flatMap((answer, query) =>
    answer
      .map(({ name, subject, series }) => ({ name, subject, query, values: onGrid(series, range, count) }))
      .filter(({ values }) => values.some((value) => value !== null))
      .sort((a, b) => collator.compare(a.name, b.name)),
  )
  const kept =
    columns.length <= mostColumns
      ? columns
      : columns
          .map((column, position) => ({ column, position, rank: rank(column.values) }))
          .sort((a, b) => b.rank - a.rank)
          .slice(0, mostColumns)
          .sort((a, b) => a.position - b.position)
          .map(({ column }) => column)
  return {
    times: Array.from({ length: count }, (_, index) => range.start + index * range.step),
    stepSeconds: range.step,
    columns: kept,
    omitted: columns.length - kept.length,
  }
}

const collator = new Intl.Collator('en', { numeric: true })

function onGrid(series: RangeSeries, range: QueryRange, count: number): (number | null)[] {
  const values = new Array<number | null>(count).fill(null)
  for (let i = 0; i < series.times.length; i++) {
    const index = Math.round((series.times[i]! - range.start) / range.step)
    const value = series.values[i]!
    if (index >= 0 && index < count && Number.isFinite(value)) values[index] = value
  }
  return values
}

/** The value at the end of a column; a few instants are forgiven, but an old value is not "now". */
export function lastValue(values: Column['values']): number | null {
  return values.slice(-3).findLast((value) => value !== null) ?? null
}

/** The index of the instant nearest to `at` (seconds), or null where the table does not reach. */
export function indexAt(table: Table, at: number | null): number | null {
  const first = table.times[0]
  if (at === null || first === undefined) return null
  const index = Math.round((at - first) / table.stepSeconds)
  return index >= 0 && index < table.times.length ? index : null
}

/**
 * Each column on top of the ones before it. A missing value adds nothing to those above but stays a gap in
 * its own column.
 */
export function stacked(columns: readonly Column[]): readonly Column[] {
  const sums: number[] = []
  return columns.map((column) => ({
    ...column,
    values: column.values.map((value, index) => {
      if (value === null) return null
      const sum = (sums[index] ?? 0) + value
      sums[index] = sum
      return sum
    }),
  }))
}

/** Points with a gap on both sides: a line does not show them, so they are drawn as dots. */
export function isolatedIndexes(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = []
  const isGap = (index: number): boolean => (values[index] ?? null) === null
  for (let i = 0; i < values.length; i++) if (!isGap(i) && isGap(i - 1) && isGap(i + 1)) found.push(i)
  return found
}
