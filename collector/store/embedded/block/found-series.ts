import { storeSeries } from '../index/series-columns.ts'
import { createSeriesIndex, seriesIndexBytes } from '../index/series-index.ts'
import type { SeriesIndex } from '../index/series-index.ts'
import { symbolOf } from '../index/symbols.ts'
import type { Pace } from '../pace.ts'
import type { BlockPages } from './block-pages.ts'
import { pageOf } from './block-values.ts'
import { seriesPage } from './find-series.ts'
import type { SeriesPage } from './series-page.ts'
import type { SymbolPage } from './symbol-page.ts'

/** Series of a block that a question is about, and nothing of its other ones. */
export interface FoundSeries {
  /** Their numbers in the block, ascending. */
  readonly numbers: Uint32Array
  /** 0, 1, 2, ... as many. */
  readonly refs: Uint32Array
  /** The same series, by these refs. */
  readonly series: SeriesIndex
  readonly bytes: number
}

const seriesPerLook = 64

/** Brings the labels of the series into memory. */
export async function loadSeries(pages: BlockPages, numbers: Uint32Array, pace: Pace): Promise<FoundSeries> {
  const series = createSeriesIndex()
  const translation = new Map<number, number>()
  let labels = new Uint32Array(64)
  let page: SeriesPage | undefined
  let texts: SymbolPage | undefined
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!
    if (page === undefined || number >= page.first + page.count) page = await seriesPage(pages, number, page)
    const start = page.starts[number - page.first]!
    const length = page.starts[number - page.first + 1]! - start
    if (length > labels.length) labels = new Uint32Array(length * 2)
    for (let j = 0; j < length; j++) {
      const symbol = page.labels[start + j]!
      let own = translation.get(symbol)
      if (own === undefined) {
        if (texts === undefined || symbol < texts.first || symbol >= texts.first + texts.texts.length) {
          texts = await pages.symbols(pageOf(pages.root.symbols.firsts, symbol))
        }
        own = symbolOf(series.symbols, texts.texts[symbol - texts.first]!)
        translation.set(symbol, own)
      }
      labels[j] = own
    }
    storeSeries(series, labels, 0, length)
    if (i % seriesPerLook === 0 && pace.due()) await pace.rest()
  }
  const refs = numbers.map((_number, i) => i)
  return { numbers, refs, series, bytes: seriesIndexBytes(series) + numbers.length * 8 + 200 }
}
