import { readString, readVarint } from '../bytes.ts'
import { storeSeries } from '../index/series-columns.ts'
import { createSeriesIndex, seriesIndexBytes } from '../index/series-index.ts'
import type { SeriesIndex } from '../index/series-index.ts'
import { symbolOf } from '../index/symbols.ts'
import type { Pace } from '../pace.ts'
import { blockMagic } from './footer.ts'

/**
 * The index of a block in memory. Its series have refs of their own, in the order in which they lie in the file:
 * a query over years must not fill the memory with series of long ago, so nothing of a block outlives its index.
 */
export interface BlockIndex {
  readonly series: SeriesIndex
  /** Entries are chunks, ordered by ref and then by time; those of a ref are firstEntries[ref] to firstEntries[ref + 1]. */
  readonly entries: number
  readonly firstEntries: Uint32Array
  readonly pages: Uint32Array
  readonly offsets: Uint32Array
  readonly counts: Uint32Array
  readonly firsts: Uint32Array
  readonly lasts: Uint32Array
  readonly pageTable: PageTable
}

/** By page: where it starts in the file, its compressed and raw size, the CRC-32 of the compressed bytes. */
export interface PageTable {
  readonly starts: Float64Array
  readonly bytes: Uint32Array
  readonly rawBytes: Uint32Array
  readonly crcs: Uint32Array
}

/** How many are read between two looks at the clock. */
const perLook = 64

/** Memory of an index of this many entries, for limits. */
export function indexBytes(index: BlockIndex): number {
  const own = index.entries * 20 + index.firstEntries.length * 4 + index.pageTable.starts.length * 20
  return own + seriesIndexBytes(index.series)
}

/** Reads the uncompressed index of a block. */
export async function decodeBlockIndex(raw: Uint8Array, pace: Pace): Promise<BlockIndex> {
  const from = { bytes: raw, at: 0 }
  const series = createSeriesIndex()
  const symbols = new Uint32Array(readVarint(from))
  for (let i = 0; i < symbols.length; i++) {
    symbols[i] = symbolOf(series.symbols, readString(from))
    if (i % perLook === 0 && pace.due()) await pace.rest()
  }
  const pageTable = readPageTable(from)
  const seriesCount = readVarint(from)
  const rows = createRows(seriesCount)
  const firstEntries = new Uint32Array(seriesCount + 1)
  let labels = new Uint32Array(64)
  const place = { page: 0, offset: 0 }
  for (let i = 0; i < seriesCount; i++) {
    const shared = readVarint(from)
    const length = shared + readVarint(from)
    if (length > labels.length) {
      const grown = new Uint32Array(length * 2)
      grown.set(labels)
      labels = grown
    }
    for (let j = shared; j < length; j++) labels[j] = symbols[readVarint(from)]!
    storeSeries(series, labels, 0, length)
    for (let chunks = readVarint(from); chunks > 0; chunks--) {
      const skipped = readVarint(from)
      if (skipped > 0) place.offset = 0
      place.page += skipped
      const bytes = readVarint(from)
      const count = readVarint(from)
      const first = readVarint(from)
      addRow(rows, place.page, place.offset, count, first, first + readVarint(from))
      place.offset += bytes
    }
    firstEntries[i + 1] = rows.count
    if (i % perLook === 0 && pace.due()) await pace.rest()
  }
  const [pages, offsets, counts, firsts, lasts] = rows.columns
  return {
    series,
    entries: rows.count,
    firstEntries,
    pages: pages!,
    offsets: offsets!,
    counts: counts!,
    firsts: firsts!,
    lasts: lasts!,
    pageTable,
  }
}

function readPageTable(from: { bytes: Uint8Array; at: number }): PageTable {
  const count = readVarint(from)
  const table: PageTable = {
    starts: new Float64Array(count),
    bytes: new Uint32Array(count),
    rawBytes: new Uint32Array(count),
    crcs: new Uint32Array(count),
  }
  let start = blockMagic.length
  for (let i = 0; i < count; i++) {
    table.starts[i] = start
    start += table.bytes[i] = readVarint(from)
    table.rawBytes[i] = readVarint(from)
    table.crcs[i] = readVarint(from)
  }
  return table
}

/** Columns while reading; a series rarely has more than one chunk, so the first size usually fits. */
interface Rows {
  count: number
  columns: Uint32Array[]
}

const columnCount = 5

function createRows(capacity: number): Rows {
  return { count: 0, columns: Array.from({ length: columnCount }, () => new Uint32Array(capacity)) }
}

function addRow(rows: Rows, ...fields: [number, number, number, number, number]): void {
  if (rows.count === rows.columns[0]!.length) {
    rows.columns = rows.columns.map((column) => {
      const grown = new Uint32Array(column.length * 2)
      grown.set(column)
      return grown
    })
  }
  for (let i = 0; i < columnCount; i++) rows.columns[i]![rows.count] = fields[i]!
  rows.count++
}
