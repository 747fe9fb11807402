import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { createByteBuffer, putBytes, putString, putVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { nodeDisk } from '../disk.ts'
import type { Disk } from '../disk.ts'
import { temporarySuffix } from '../files.ts'
import type { Pace } from '../pace.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { encodeRoot } from './block-root.ts'
import type { RootDraft } from './block-root.ts'
import { createChunkWriter } from './chunk-writer.ts'
import type { StoredChunk } from './chunk-writer.ts'
import { blockMagic, encodeFooter } from './footer.ts'
import type { BlockFooter, BlockWindow } from './footer.ts'
import { putPostingRow } from './posting-page.ts'
import { createPostingLists } from './posting-lists.ts'
import { createPageWriter } from './page-writer.ts'
import { putSeriesRow } from './series-page.ts'

/** Index pages are about this large before compression. */
const indexPageBytes = 32 * 1024

export type BlockIdentity = Pick<BlockFooter, 'startMs' | 'windowMs' | 'lowestGeneration' | 'generation'>

export interface BlockWriterOptions {
  readonly pace: Pace
  readonly disk?: Disk
  /** zstd's; 3 unless told. */
  readonly level?: number
}

/** Writes a block in the order of its file: symbols, series, then section by section the samples. */
export interface BlockWriter {
  /** Texts of labels' names and values in ascending order, each once; the n-th is symbol n. */
  addSymbol(text: string): Promise<void>
  /**
   * A series as the symbols of its labels: name, value, name, value, ... Series are in ascending order.
   * @returns its number: 0, 1, 2, ...
   */
  addSeries(labels: Uint32Array, length: number): Promise<number>
  /**
   * Samples that are added from now on belong to these windows, and their times count from the first one's start; windows
   * are in ascending order.
   */
  beginSection(windows: readonly BlockWindow[]): Promise<void>
  /** Samples of a series in time order; series in ascending order, within one its samples and chunks in time order. */
  addSamples(series: number, samples: SampleBuffer): Promise<void>
  /** The same for a chunk as another block has it. */
  addChunk(series: number, chunk: StoredChunk): Promise<void>
  /** Makes the block durable under its final name. */
  finish(): Promise<{ footer: BlockFooter; bytes: number }>
  /** Removes what has been written. */
  abandon(): Promise<void>
}

const noTail = new Uint8Array(0)

/** Writes to `path` + .tmp; finish() syncs and renames it. Errors are those of the file system. */
export async function openBlockWriter(
  path: string,
  identity: BlockIdentity,
  { pace, disk = nodeDisk, level = 3 }: BlockWriterOptions,
): Promise<BlockWriter> {
  const temporary = path + temporarySuffix
  const file = await disk.open(temporary, 'w')
  const pages = createPageWriter(file, level)
  const chunks = createChunkWriter(pages)
  const root: RootDraft = {
    symbolCount: 0,
    seriesCount: 0,
    symbols: [],
    postings: [],
    series: [],
    sections: [],
  }
  const windows: BlockWindow[] = []
  const postings = createPostingLists()
  const rows = createByteBuffer(indexPageBytes * 2)
  let rowCount = 0
  let firstText = ''
  let seriesDone = false
  let previous: Uint32Array = new Uint32Array(64)
  let previousLength = 0

  const closeSymbols = async (): Promise<void> => {
    if (rowCount === 0) return
    const text = firstText
    const first = root.symbolCount - rowCount
    await pages.add(takeRows(rows, rowCount), noTail, (page) => {
      root.symbols.push({ page, text, first })
    })
    rowCount = 0
  }
  const closeSeries = async (): Promise<void> => {
    if (rowCount === 0) return
    const first = root.seriesCount - rowCount
    await pages.add(takeRows(rows, rowCount), noTail, (page) => {
      root.series.push({ page, first })
    })
    rowCount = 0
    previousLength = 0
  }
  const writePostings = async (): Promise<void> => {
    let first = { name: 0, value: 0 }
    const close = async (): Promise<void> => {
      if (rowCount === 0) return
      const pair = first
      await pages.add(takeRows(rows, rowCount), noTail, (page) => {
        root.postings.push({ page, ...pair })
      })
      rowCount = 0
    }
    await postings.each(pace, async (name, value, series, begin, end) => {
      if (rowCount++ === 0) first = { name, value }
      putPostingRow(rows, name, value, series, begin, end)
      if (rows.at >= indexPageBytes) await close()
    })
    await close()
  }
  const endSeries = async (): Promise<void> => {
    if (seriesDone) return
    seriesDone = true
    if (root.seriesCount === 0) await closeSymbols()
    await closeSeries()
    await writePostings()
  }
  await pages.append(blockMagic)

  return {
    async addSymbol(text) {
      if (rowCount++ === 0) firstText = text
      putString(rows, text)
      root.symbolCount++
      if (rows.at >= indexPageBytes) await closeSymbols()
    },
    async addSeries(labels, length) {
      if (root.seriesCount === 0) await closeSymbols()
      putSeriesRow(rows, previous, previousLength, labels, length)
      if (length > previous.length) previous = new Uint32Array(length * 2)
      for (let i = 0; i < length; i++) previous[i] = labels[i]!
      previousLength = length
      const series = root.seriesCount++
      rowCount++
      for (let i = 0; i < length; i += 2) postings.add(labels[i]!, labels[i + 1]!, series)
      if (rows.at >= indexPageBytes) await closeSeries()
      return series
    },
    async beginSection(own) {
      await endSeries()
      await chunks.endSection()
      windows.push(...own)
      const section: RootDraft['sections'][number] = { windowCount: own.length, pages: [] }
      root.sections.push(section)
      chunks.beginSection(own[0]!.startMs, (page, first) => {
        section.pages.push({ page, first })
      })
    },
    addSamples: (series, samples) => chunks.addSamples(series, samples),
    addChunk: (series, chunk) => chunks.addChunk(series, chunk),
    async finish() {
      await endSeries()
      await chunks.endSection()
      const raw = encodeRoot(root)
      const compressed = await pages.compress(raw)
      const footer: BlockFooter = {
        ...identity,
        version: 3,
        minMs: chunks.minMs,
        maxMs: chunks.maxMs,
        series: root.seriesCount,
        samples: chunks.samples,
        indexAt: await pages.drain(),
        indexBytes: compressed.length,
        indexRawBytes: raw.length,
        indexCrc: crc32(compressed),
        windows,
      }
      await pages.append(compressed)
      await pages.append(encodeFooter(footer))
      const bytes = await pages.drain()
      await pages.flush()
      pages[Symbol.dispose]()
      await file.sync()
      await file.close()
      await disk.rename(temporary, path)
      try {
        await disk.syncDirectory(dirname(path))
      } catch (error) {
        // The caller goes on with what the block was made of: it must not be found beside that.
        await disk.remove(path)
        throw error
      }
      return { footer, bytes }
    },
    async abandon() {
      await pages.drain().catch(() => undefined)
      pages[Symbol.dispose]()
      // finish() may already have closed it.
      await file.close().catch(() => undefined)
      await disk.remove(temporary)
    },
  }
}

/** Count and rows as the content of a page; the rows are free again. */
function takeRows(rows: ByteBuffer, count: number): Uint8Array {
  const page = createByteBuffer(rows.at + 8)
  putVarint(page, count)
  putBytes(page, rows.bytes.subarray(0, rows.at))
  rows.at = 0
  return page.bytes.subarray(0, page.at)
}
