import type { LabelSet } from '../../../../common/series/label-set.ts'
import type { Symbols } from './symbols.ts'

/**
 * Series as symbols: series r has pool[starts[r]] up to pool[starts[r + 1]], name, value, name, value, ... About 80
 * bytes for ten labels instead of 2 kB for strings. The open windows share one such table, each block has its own.
 */
export interface SeriesColumns {
  readonly symbols: Symbols
  count: number
  pool: Uint32Array
  starts: Uint32Array
}

export function labelsOf({ symbols, pool, starts }: SeriesColumns, ref: number): LabelSet {
  const labels: string[] = []
  for (let i = starts[ref]!; i < starts[ref + 1]!; i++) labels.push(symbols.texts[pool[i]!]!)
  return labels
}

/** The symbol of a label's value, 0 (the empty string) where the series does not have it. */
export function valueSymbol({ pool, starts }: SeriesColumns, ref: number, name: number): number {
  const end = starts[ref + 1]!
  for (let i = starts[ref]!; i < end; i += 2) if (pool[i] === name) return pool[i + 1]!
  return 0
}

/** Adds a series, `length` symbols from `at` on, without looking whether it is there already; returns its ref. */
export function storeSeries(table: SeriesColumns, symbols: Uint32Array, at: number, length: number): number {
  const start = table.starts[table.count]!
  if (start + length > table.pool.length) {
    const grown = new Uint32Array(Math.max(table.pool.length * 2, start + length))
    grown.set(table.pool)
    table.pool = grown
  }
  if (table.count + 2 > table.starts.length) {
    const grown = new Uint32Array(table.starts.length * 2)
    grown.set(table.starts)
    table.starts = grown
  }
  for (let i = 0; i < length; i++) table.pool[start + i] = symbols[at + i]!
  table.starts[table.count + 1] = start + length
  return table.count++
}
