import { hash } from 'node:crypto'
import { exportedNames } from '../../common/series/exported-names.ts'
import { labelKey, labelSet, metricNameLabel } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import { createSeriesBudget } from './series-budget.ts'
import type { SeriesBudget } from './series-budget.ts'

/** A series of a source: one object per label set as long as it is in use, so that comparing is by identity. */
export interface Series {
  readonly labels: LabelSet
  /** The round that had its latest sample. */
  seen: number
  evicted: boolean
}

interface Row {
  readonly labels: readonly string[]
  readonly series: (Series | undefined)[]
  seen: number
}

/** Finds the series of a source's samples. In a steady state a row costs one look-up and nothing is built. */
export interface SeriesCache {
  /**
   * Calls `each` with every sample of a table whose series is within the budget; returns how many were not.
   * @param round grows by one with each batch
   * @param limited whether the budget holds: what tells about the scrape itself is always there
   */
  resolve(
    table: SampleTable,
    round: number,
    limited: boolean,
    each: (series: Series, value: number) => void,
  ): number
  /** Calls `each` with every series that `resolve` has given for this very table, whose samples are not told again. */
  hold(table: SampleTable, round: number, each: (series: Series) => void): void
  /** Forgets what has had no sample since before `round`. */
  evict(round: number): void
  readonly size: number
  /** The metrics with the most series, the largest first: what to look at when there are too many. */
  largest(count: number): readonly { readonly metrics: string; readonly series: number }[]
}

/** Longer label values are cut: they are text that somebody else controls (application_name, file names). */
const maxValueLength = 1024

/** @param identity labels of all series; a label of a sample by the same name becomes `exported_<name>` */
export function createSeriesCache(
  identity: Readonly<Record<string, string>>,
  budget: SeriesBudget = createSeriesBudget(Infinity),
): SeriesCache {
  /** By metric and label names, then by label values. */
  const families = new Map<string, Map<string, Row>>()
  /** By a digest of the labels, which as texts would take more memory than all else here. */
  const bySet = new Map<string, Series>()
  const exported = new Map<string, readonly string[]>()
  const byTable = new WeakMap<SampleTable, readonly Row[]>()

  const namesOf = (labelNames: readonly string[]): readonly string[] => {
    const key = labelNames.join()
    let names = exported.get(key)
    if (names === undefined) exported.set(key, (names = exportedNames(labelNames, identity)))
    return names
  }

  const create = (table: SampleTable, column: number, row: Row): Series => {
    // Without a prototype: a label may have any name, `__proto__` too.
    const labels = Object.assign(Object.create(null) as Record<string, string>, identity)
    labels[metricNameLabel] = table.metrics[column]!
    const names = namesOf(table.labelNames)
    for (let i = 0; i < names.length; i++) labels[names[i]!] = clean(row.labels[i]!)
    const set = labelSet(labels)
    const key = hash('sha256', labelKey(set), 'binary')
    let series = bySet.get(key)
    if (series === undefined) {
      budget.take()
      bySet.set(key, (series = { labels: set, seen: 0, evicted: false }))
    }
    return series
  }

  /** The rows of a table in its order. A probe's kept result comes again as the same table, and is found at once. */
  const rowsOf = (table: SampleTable, round: number): readonly Row[] => {
    const known = byTable.get(table)
    if (known !== undefined) return known
    const familyKey = `${table.metrics.join()} ${table.labelNames.join()}`
    let family = families.get(familyKey)
    if (family === undefined) families.set(familyKey, (family = new Map<string, Row>()))
    const rows: Row[] = []
    for (let r = 0; r < table.rows.length; r++) {
      const { labels } = table.rows[r]!
      const rowKey = labels.join('\u0000')
      let row = family.get(rowKey)
      if (row === undefined) family.set(rowKey, (row = { labels, series: [], seen: round }))
      rows.push(row)
    }
    byTable.set(table, rows)
    return rows
  }

  return {
    get size() {
      return bySet.size
    },
    // By index: without the optimizing compilers, `of` makes an object for each element.
    resolve(table, round, limited, each) {
      const rows = rowsOf(table, round)
      let refused = 0
      for (let r = 0; r < rows.length; r++) {
        const row = rows[r]!
        const { values } = table.rows[r]!
        row.seen = round
        for (let i = 0; i < values.length; i++) {
          const value = values[i]
          if (value === undefined) continue
          let series = row.series[i]
          if (series === undefined || series.evicted) {
            // Before anything is built: what is over the limit comes again with each scrape.
            if (limited && budget.isSpent) {
              refused++
              continue
            }
            row.series[i] = series = create(table, i, row)
          }
          each(series, value)
        }
      }
      return refused
    },
    hold(table, round, each) {
      const rows = rowsOf(table, round)
      for (let r = 0; r < rows.length; r++) {
        const row = rows[r]!
        const { values } = table.rows[r]!
        row.seen = round
        for (let i = 0; i < values.length; i++) {
          const series = row.series[i]
          if (series !== undefined && !series.evicted && values[i] !== undefined) each(series)
        }
      }
    },
    evict(round) {
      for (const [key, series] of bySet) {
        if (series.seen >= round) continue
        series.evicted = true
        bySet.delete(key)
        budget.give(1)
      }
      for (const [familyKey, rows] of families) {
        for (const [rowKey, row] of rows) if (row.seen < round) rows.delete(rowKey)
        if (rows.size === 0) families.delete(familyKey)
      }
    },
    largest: (count) =>
      [...families]
        .map(([familyKey, rows]) => {
          const [metrics = ''] = familyKey.split(' ')
          return { metrics, series: rows.size * metrics.split(',').length }
        })
        .sort((a, b) => b.series - a.series)
        .slice(0, count),
  }
}

/** Valid UTF-8 for the wire: a lone surrogate has none. */
function clean(value: string): string {
  return (value.length > maxValueLength ? value.slice(0, maxValueLength) : value).toWellFormed()
}
