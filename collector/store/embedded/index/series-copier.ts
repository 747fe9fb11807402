import type { SeriesColumns } from './series-columns.ts'
import { createSeriesTable, internSymbols } from './series-table.ts'
import type { SeriesTable } from './series-table.ts'
import { symbolOf } from './symbols.ts'

/** Copies single series of one table into a new one. */
export interface SeriesCopier {
  readonly table: SeriesTable
  /** The ref in the new table; a series is copied once. */
  copy(ref: number): number
}

export function createSeriesCopier(from: SeriesColumns): SeriesCopier {
  const table = createSeriesTable()
  // Both hold the number plus 1; 0 is not copied yet. `from` may grow meanwhile.
  let refs = new Uint32Array(from.count)
  let symbols = new Uint32Array(from.symbols.texts.length)
  let scratch = new Uint32Array(64)
  const translate = (symbol: number): number => {
    if (symbol >= symbols.length) symbols = grown(symbols, from.symbols.texts.length)
    if (symbols[symbol] === 0) symbols[symbol] = 1 + symbolOf(table.symbols, from.symbols.texts[symbol]!)
    return symbols[symbol]! - 1
  }
  return {
    table,
    copy(ref) {
      if (ref >= refs.length) refs = grown(refs, from.count)
      if (refs[ref]! > 0) return refs[ref]! - 1
      const start = from.starts[ref]!
      const length = from.starts[ref + 1]! - start
      if (length > scratch.length) scratch = new Uint32Array(length * 2)
      for (let i = 0; i < length; i++) scratch[i] = translate(from.pool[start + i]!)
      const copied = internSymbols(table, scratch, 0, length)
      refs[ref] = copied + 1
      return copied
    },
  }
}

function grown(old: Uint32Array, needed: number): Uint32Array<ArrayBuffer> {
  const array = new Uint32Array(Math.ceil(needed * 1.25))
  array.set(old)
  return array
}
