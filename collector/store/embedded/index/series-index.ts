import type { Pace } from '../pace.ts'
import { addPosting } from './postings.ts'
import type { Postings, RefList } from './postings.ts'
import type { SeriesColumns } from './series-columns.ts'
import { createSymbols } from './symbols.ts'

/** Series that a selector can be asked about. */
export interface SeriesIndex extends SeriesColumns {
  readonly postings: Postings
  /** Whether `postings` has every name; otherwise a name's are made when it is first asked for. */
  readonly isComplete: boolean
}

/** Columns to fill with storeSeries, each series once: what a block has. */
export function createSeriesIndex(): SeriesIndex {
  return {
    symbols: createSymbols(),
    postings: new Map(),
    isComplete: false,
    count: 0,
    pool: new Uint32Array(1024),
    starts: new Uint32Array(65),
  }
}

const noValues: ReadonlyMap<number, RefList> = new Map()
const seriesPerLook = 256

/** The values of a name, as symbols, each with the series that carry it. */
export async function valuesOf(
  index: SeriesIndex,
  name: number,
  pace: Pace,
): Promise<ReadonlyMap<number, RefList>> {
  const known = index.postings.get(name)
  if (known !== undefined || index.isComplete) return known ?? noValues
  const made: Postings = new Map([[name, new Map<number, RefList>()]])
  const { pool, starts, count } = index
  for (let ref = 0; ref < count; ref++) {
    const end = starts[ref + 1]!
    for (let i = starts[ref]!; i < end; i += 2) {
      if (pool[i] === name) addPosting(made, name, pool[i + 1]!, ref)
    }
    if (ref % seriesPerLook === 0 && pace.due()) await pace.rest()
  }
  const values = made.get(name)!
  index.postings.set(name, values)
  return values
}

/** Memory of the columns and texts and of what selectors may add to them, for limits. */
export function seriesIndexBytes({ symbols, pool, starts }: SeriesIndex): number {
  // A text costs its characters, about 90 bytes as a string and an entry of a map, and 40 as an entry of the postings.
  const characters = symbols.texts.reduce((sum, text) => sum + text.length, 0)
  return characters + symbols.texts.length * 130 + (pool.length + starts.length) * 4 + pool.length * 2
}
