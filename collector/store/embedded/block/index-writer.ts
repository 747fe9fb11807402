import type { LabelSet } from '../../../../common/series/label-set.ts'
import { createByteBuffer, putBytes, putString, putVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

export interface PageEntry {
  readonly bytes: number
  readonly rawBytes: number
  readonly crc: number
}

export interface ChunkEntry {
  readonly page: number
  readonly bytes: number
  readonly count: number
  readonly firstOffset: number
  readonly lastOffset: number
}

/** Collects the index of a block while its pages are written. */
export interface IndexWriter {
  readonly seriesCount: number
  addPage(page: PageEntry): void
  /** Chunks lie in their pages one after the other, in the order in which they are added here. */
  addSeries(labels: LabelSet, chunks: readonly ChunkEntry[]): void
  /** Symbols, pages, series; docs/store-format.md has the layout. */
  finish(): Uint8Array
}

export function createIndexWriter(): IndexWriter {
  const symbolIds = new Map<string, number>()
  const symbols = createByteBuffer(4096)
  const pages = createByteBuffer(1024)
  const series = createByteBuffer(16_384)
  let pageCount = 0
  let seriesCount = 0
  let previous: readonly number[] = []
  let page = 0
  const symbolOf = (text: string): number => {
    const known = symbolIds.get(text)
    if (known !== undefined) return known
    const id = symbolIds.size
    symbolIds.set(text, id)
    putString(symbols, text)
    return id
  }
  return {
    get seriesCount() {
      return seriesCount
    },
    addPage(entry) {
      pageCount++
      putVarint(pages, entry.bytes)
      putVarint(pages, entry.rawBytes)
      putVarint(pages, entry.crc)
    },
    addSeries(labels, chunks) {
      seriesCount++
      const ids = labels.map(symbolOf)
      let shared = 0
      while (shared < ids.length && shared < previous.length && ids[shared] === previous[shared]) shared++
      putVarint(series, shared)
      putVarint(series, ids.length - shared)
      for (let i = shared; i < ids.length; i++) putVarint(series, ids[i]!)
      previous = ids
      putVarint(series, chunks.length)
      for (const chunk of chunks) {
        putVarint(series, chunk.page - page)
        page = chunk.page
        putVarint(series, chunk.bytes)
        putVarint(series, chunk.count)
        putVarint(series, chunk.firstOffset)
        putVarint(series, chunk.lastOffset - chunk.firstOffset)
      }
    },
    finish() {
      const out = createByteBuffer(symbols.at + pages.at + series.at + 64)
      putSection(out, symbolIds.size, symbols)
      putSection(out, pageCount, pages)
      putSection(out, seriesCount, series)
      return out.bytes.subarray(0, out.at)
    },
  }
}

function putSection(out: ByteBuffer, count: number, section: ByteBuffer): void {
  putVarint(out, count)
  putBytes(out, section.bytes.subarray(0, section.at))
}
