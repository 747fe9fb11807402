import { putVarint, readVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { readPageTable } from './page-table.ts'
import type { PageTable } from './page-table.ts'

/** Where chunks of one window are, ordered by series and then by time, and the data pages that they are in. */
export interface ChunkPage {
  readonly count: number
  readonly dataPages: PageTable
  readonly series: Uint32Array
  /** Position in dataPages. */
  readonly pages: Uint32Array
  /** Where the chunk starts in its page, and its length in bytes. */
  readonly offsets: Uint32Array
  readonly lengths: Uint32Array
  /** The same for what lies behind the page's frame. */
  readonly tailOffsets: Uint32Array
  readonly tails: Uint32Array
  readonly samples: Uint32Array
  /** Milliseconds since the window's start of the first and of the last sample. */
  readonly firsts: Uint32Array
  readonly lasts: Uint32Array
  readonly bytes: number
}

export interface ChunkRow {
  readonly series: number
  readonly page: number
  readonly length: number
  readonly tail: number
  readonly samples: number
  readonly first: number
  readonly last: number
}

/** Chunks and their tails lie in their data page one after the other, in the order of their rows. */
export function putChunkRow(to: ByteBuffer, row: ChunkRow, previous: ChunkRow | undefined): void {
  putVarint(to, row.series - (previous?.series ?? 0))
  putVarint(to, row.page - (previous?.page ?? 0))
  putVarint(to, row.length)
  putVarint(to, row.tail)
  putVarint(to, row.samples)
  putVarint(to, row.first)
  putVarint(to, row.last - row.first)
}

/** A table of data pages, a count, and that many rows. */
export function decodeChunkPage(raw: Uint8Array): ChunkPage {
  const from = { bytes: raw, at: 0 }
  const dataPages = readPageTable(from)
  const count = readVarint(from)
  const page = createChunkPage(dataPages, count)
  let series = 0
  let data = 0
  let offset = 0
  let tailOffset = 0
  for (let i = 0; i < count; i++) {
    page.series[i] = series += readVarint(from)
    const skipped = readVarint(from)
    if (skipped > 0) {
      offset = 0
      tailOffset = 0
    }
    page.pages[i] = data += skipped
    page.offsets[i] = offset
    offset += page.lengths[i] = readVarint(from)
    page.tailOffsets[i] = tailOffset
    tailOffset += page.tails[i] = readVarint(from)
    page.samples[i] = readVarint(from)
    const first = (page.firsts[i] = readVarint(from))
    page.lasts[i] = first + readVarint(from)
  }
  return page
}

export function createChunkPage(dataPages: PageTable, count: number): ChunkPage {
  return {
    count,
    dataPages,
    series: new Uint32Array(count),
    pages: new Uint32Array(count),
    offsets: new Uint32Array(count),
    lengths: new Uint32Array(count),
    tailOffsets: new Uint32Array(count),
    tails: new Uint32Array(count),
    samples: new Uint32Array(count),
    firsts: new Uint32Array(count),
    lasts: new Uint32Array(count),
    bytes: count * 36 + dataPages.count * 24 + 200,
  }
}
