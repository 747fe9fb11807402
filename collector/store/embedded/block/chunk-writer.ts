import { createByteBuffer, putBytes, putVarint, reserveBytes } from '../bytes.ts'
import { encodeChunk, maxChunkBytes } from '../codec/chunk.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { putChunkRow } from './chunk-page.ts'
import type { ChunkRow } from './chunk-page.ts'
import { putPageTable } from './page-table.ts'
import type { PageEntry } from './page-table.ts'
import type { PageWriter } from './page-writer.ts'

/** Data pages are compressed and read as a whole: large enough for zstd to gain, small enough for one series. */
const dataPageBytes = 32 * 1024
/** A longer series is split, so that a page stays bounded. */
const samplesPerChunk = 8192
/** So many chunks of a section share an index page, which ends where a data page ends. */
const rowsPerPage = 512

/** A chunk as a block has it. */
export interface StoredChunk {
  readonly bytes: Uint8Array
  readonly tail: Uint8Array
  readonly samples: number
  readonly first: number
  readonly last: number
}

/** Packs the chunks of sections into data pages, and writes where they are into index pages. */
export interface ChunkWriter {
  /** Of everything so far. */
  readonly samples: number
  readonly minMs: number
  readonly maxMs: number
  /** @param done gets each index page of the section, with its first series */
  beginSection(startMs: number, done: (page: PageEntry, firstSeries: number) => void): void
  endSection(): Promise<void>
  addSamples(series: number, samples: SampleBuffer): Promise<void>
  addChunk(series: number, chunk: StoredChunk): Promise<void>
}

export function createChunkWriter(pages: PageWriter): ChunkWriter {
  const data = createByteBuffer(dataPageBytes * 2)
  const tails = createByteBuffer(dataPageBytes * 2)
  let rows: ChunkRow[] = []
  let dataPages: PageEntry[] = []
  let dataPageCount = 0
  let sectionStartMs = 0
  let indexDone: (page: PageEntry, firstSeries: number) => void = () => undefined
  let samplesTotal = 0
  let minMs = Infinity
  let maxMs = -Infinity

  const closeIndexPage = async (): Promise<void> => {
    if (rows.length === 0) return
    await pages.drain()
    const raw = createByteBuffer(rows.length * 10 + dataPages.length * 12 + 64)
    putPageTable(raw, dataPages)
    putVarint(raw, rows.length)
    for (const [i, row] of rows.entries()) putChunkRow(raw, row, rows[i - 1])
    const first = rows[0]!.series
    const done = indexDone
    await pages.add(raw.bytes.subarray(0, raw.at), new Uint8Array(0), (page) => {
      done(page, first)
    })
    rows = []
    dataPages = []
    dataPageCount = 0
  }
  const closeDataPage = async (): Promise<void> => {
    if (data.at === 0) return
    const own = dataPages
    const raw = data.bytes.subarray(0, data.at)
    const tail = tails.bytes.subarray(0, tails.at)
    data.at = 0
    tails.at = 0
    dataPageCount++
    await pages.add(raw, tail, (page) => {
      own.push(page)
    })
    if (rows.length >= rowsPerPage) await closeIndexPage()
  }
  const note = (
    series: number,
    start: number,
    tailStart: number,
    samples: number,
    first: number,
    last: number,
  ): void => {
    const tail = tails.at - tailStart
    rows.push({ series, page: dataPageCount, length: data.at - start, tail, samples, first, last })
    samplesTotal += samples
    minMs = Math.min(minMs, sectionStartMs + first)
    maxMs = Math.max(maxMs, sectionStartMs + last)
  }
  return {
    get samples() {
      return samplesTotal
    },
    get minMs() {
      return minMs
    },
    get maxMs() {
      return maxMs
    },
    beginSection(startMs, done) {
      sectionStartMs = startMs
      indexDone = done
    },
    async endSection() {
      await closeDataPage()
      await closeIndexPage()
      await pages.drain()
    },
    async addSamples(series, samples) {
      for (let first = 0; first < samples.count; first += samplesPerChunk) {
        const count = Math.min(samplesPerChunk, samples.count - first)
        if (data.at + tails.at >= dataPageBytes) await closeDataPage()
        reserveBytes(data, maxChunkBytes(count))
        const start = data.at
        const tailStart = tails.at
        data.at = encodeChunk(samples, first, count, data.bytes, start, tails)
        note(series, start, tailStart, count, samples.offsets[first]!, samples.offsets[first + count - 1]!)
      }
    },
    async addChunk(series, { bytes, tail, samples, first, last }) {
      if (data.at + tails.at >= dataPageBytes) await closeDataPage()
      const start = data.at
      const tailStart = tails.at
      putBytes(data, bytes)
      putBytes(tails, tail)
      note(series, start, tailStart, samples, first, last)
    },
  }
}
