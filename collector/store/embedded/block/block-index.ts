import { readString, readVarint } from '../bytes.ts'
import { internSymbols } from '../index/series-table.ts'
import type { SeriesTable } from '../index/series-table.ts'
import { symbolOf } from '../index/symbols.ts'
import type { Pace } from '../pace.ts'
import { lowerBound } from '../sample-buffer.ts'
import { blockMagic } from './footer.ts'

/** The index of a block in memory. Entries are chunks, ordered by ref and then by time. */
export interface BlockIndex {
  readonly entries: number
  readonly refs: Uint32Array
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

/** Memory of an index of this many entries, for limits. */
export function indexBytes(index: BlockIndex): number {
  return index.entries * 24 + index.pageTable.starts.length * 20
}

/**
 * Reads the uncompressed index of a block and interns its series. Labels are translated symbol by symbol, so
 * that a known series costs a hash of a few integers, not the building of strings.
 */
export async function decodeBlockIndex(raw: Uint8Array, table: SeriesTable, pace: Pace): Promise<BlockIndex> {
  const from = { bytes: raw, at: 0 }
  const symbols = new Uint32Array(readVarint(from))
  for (let i = 0; i < symbols.length; i++) symbols[i] = symbolOf(table.symbols, readString(from))
  const pageTable = readPageTable(from)
  const seriesCount = readVarint(from)
  const rows = createRows(seriesCount)
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
    const ref = internSymbols(table, labels, 0, length)
    for (let chunks = readVarint(from); chunks > 0; chunks--) {
      const skipped = readVarint(from)
      if (skipped > 0) place.offset = 0
      place.page += skipped
      const bytes = readVarint(from)
      const count = readVarint(from)
      const first = readVarint(from)
      addRow(rows, ref, place.page, place.offset, count, first, first + readVarint(from))
      place.offset += bytes
    }
    if (pace.due()) await pace.rest()
  }
  return sortByRef(rows, pageTable)
}

/** Position of the first entry of a ref, or of the one after where it would be. */
export function firstEntry(index: BlockIndex, ref: number): number {
  return lowerBound(index.refs, index.entries, ref)
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

const columnCount = 6

function createRows(capacity: number): Rows {
  return { count: 0, columns: Array.from({ length: columnCount }, () => new Uint32Array(capacity)) }
}

function addRow(rows: Rows, ...fields: [number, number, number, number, number, number]): void {
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

function sortByRef(rows: Rows, pageTable: PageTable): BlockIndex {
  const { count, columns } = rows
  // Ref and position in one exact double, so that the sort is a native one of numbers.
  const order = new Float64Array(count)
  for (let i = 0; i < count; i++) order[i] = columns[0]![i]! * 2 ** 26 + i
  order.sort()
  const sorted = columns.map((column) => {
    const out = new Uint32Array(count)
    for (let i = 0; i < count; i++) out[i] = column[order[i]! % 2 ** 26]!
    return out
  })
  return {
    entries: count,
    refs: sorted[0]!,
    pages: sorted[1]!,
    offsets: sorted[2]!,
    counts: sorted[3]!,
    firsts: sorted[4]!,
    lasts: sorted[5]!,
    pageTable,
  }
}
