import { sortPaced } from '../../../../common/sort-paced.ts'
import { readString, readVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import type { Pace } from '../pace.ts'
import type { BlockRoot } from './block-root.ts'
import { createChunkPage } from './chunk-page.ts'
import type { ChunkPage } from './chunk-page.ts'
import { blockMagic } from './footer.ts'
import { compareLabels } from './compare-labels.ts'
import { createPostingLists } from './posting-lists.ts'
import { createPostingPage } from './posting-page.ts'
import type { PostingPage } from './posting-page.ts'
import type { PageTable } from './page-table.ts'
import { createSeriesPage } from './series-page.ts'
import type { SeriesPage } from './series-page.ts'
import type { SymbolPage } from './symbol-page.ts'

/** The index of a block of version 1 in the shape of version 2, with one page of each kind. */
export interface WholeIndex {
  readonly root: BlockRoot
  readonly symbols: SymbolPage
  readonly postings: PostingPage
  readonly series: SeriesPage
  readonly chunks: ChunkPage
  readonly bytes: number
}

/** A series as the file has it: its labels in symbols of the file, and its first chunk. */
interface FileSeries {
  readonly labels: Uint32Array
  readonly firstRow: number
}

interface FileRow {
  readonly page: number
  readonly offset: number
  readonly length: number
  readonly samples: number
  readonly first: number
  readonly last: number
}

/** Reads the uncompressed index of version 1, where symbols and series came in any order, and sorts it. */
export async function readVersion1(raw: Uint8Array, pace: Pace): Promise<WholeIndex> {
  const from = { bytes: raw, at: 0 }
  const inFile = Array.from({ length: readVarint(from) }, () => readString(from))
  const texts = await sortPaced(inFile, (a, b) => (a < b ? -1 : a > b ? 1 : 0), pace)
  const symbolOf = new Map(texts.map((text, i) => [text, i]))
  const dataPages = readDataPages(from)
  const rows: FileRow[] = []
  const unsorted = await readSeries(
    from,
    inFile.map((text) => symbolOf.get(text)!),
    rows,
    pace,
  )
  const sorted = await sortPaced(
    unsorted,
    (a, b) => compareLabels(a.labels, 0, a.labels.length, b.labels, 0, b.labels.length),
    pace,
  )
  const series = asPage(sorted)
  const postings = await postingsOf(series, pace)
  const chunks = chunksOf(sorted, unsorted, rows, dataPages)
  const one = onePage()
  const symbols = { first: 0, texts, bytes: raw.length }
  return {
    root: {
      symbolCount: texts.length,
      symbols: { pages: one, texts: texts.slice(0, 1), firsts: Uint32Array.of(0) },
      postings: { pages: one, names: Uint32Array.of(0), values: Uint32Array.of(0) },
      seriesCount: series.count,
      series: { pages: one, firsts: Uint32Array.of(0) },
      sections: [{ window: 0, windowCount: 1, pages: one, firsts: Uint32Array.of(0) }],
    },
    symbols,
    postings,
    series,
    chunks,
    bytes: symbols.bytes + texts.length * 32 + postings.bytes + series.bytes + chunks.bytes,
  }
}

function onePage(): PageTable {
  const zero = new Uint32Array(1)
  return { count: 1, starts: new Float64Array(1), bytes: zero, rawBytes: zero, tails: zero, crcs: zero }
}

function readDataPages(from: ByteBuffer): PageTable {
  const count = readVarint(from)
  const table: PageTable = {
    count,
    starts: new Float64Array(count),
    bytes: new Uint32Array(count),
    rawBytes: new Uint32Array(count),
    tails: new Uint32Array(count),
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

async function readSeries(
  from: ByteBuffer,
  symbols: readonly number[],
  rows: FileRow[],
  pace: Pace,
): Promise<FileSeries[]> {
  const found: FileSeries[] = []
  const place = { page: 0, offset: 0 }
  let previous = new Uint32Array(0)
  for (let left = readVarint(from); left > 0; left--) {
    const shared = readVarint(from)
    const labels = new Uint32Array(shared + readVarint(from))
    labels.set(previous.subarray(0, shared))
    for (let i = shared; i < labels.length; i++) labels[i] = symbols[readVarint(from)]!
    previous = labels
    found.push({ labels, firstRow: rows.length })
    for (let chunks = readVarint(from); chunks > 0; chunks--) {
      const skipped = readVarint(from)
      if (skipped > 0) place.offset = 0
      place.page += skipped
      const length = readVarint(from)
      const samples = readVarint(from)
      const first = readVarint(from)
      rows.push({ ...place, length, samples, first, last: first + readVarint(from) })
      place.offset += length
    }
    if (pace.due()) await pace.rest()
  }
  return found
}

function asPage(sorted: readonly FileSeries[]): SeriesPage {
  const starts = new Uint32Array(sorted.length + 1)
  for (const [i, { labels }] of sorted.entries()) starts[i + 1] = starts[i]! + labels.length
  const pool = new Uint32Array(starts.at(-1)!)
  for (const [i, { labels }] of sorted.entries()) pool.set(labels, starts[i])
  return createSeriesPage(0, starts, pool)
}

async function postingsOf(page: SeriesPage, pace: Pace): Promise<PostingPage> {
  const lists = createPostingLists()
  for (let i = 0; i < page.count; i++) {
    for (let at = page.starts[i]!; at < page.starts[i + 1]!; at += 2) {
      lists.add(page.labels[at]!, page.labels[at + 1]!, i)
    }
  }
  const names: number[] = []
  const values: number[] = []
  const starts = [0]
  const series = new Uint32Array(page.labels.length / 2)
  await lists.each(pace, (name, value, from, first, end) => {
    names.push(name)
    values.push(value)
    series.set(from.subarray(first, end), starts.at(-1))
    starts.push(starts.at(-1)! + end - first)
    return Promise.resolve()
  })
  return createPostingPage(
    Uint32Array.from(names),
    Uint32Array.from(values),
    Uint32Array.from(starts),
    series,
  )
}

function chunksOf(
  sorted: readonly FileSeries[],
  unsorted: readonly FileSeries[],
  rows: readonly FileRow[],
  dataPages: PageTable,
): ChunkPage {
  const ends = new Map(unsorted.map((series, i) => [series, unsorted[i + 1]?.firstRow ?? rows.length]))
  const page = createChunkPage(dataPages, rows.length)
  let to = 0
  for (const [number, series] of sorted.entries()) {
    for (let i = series.firstRow; i < ends.get(series)!; i++) {
      const row = rows[i]!
      page.series[to] = number
      page.pages[to] = row.page
      page.offsets[to] = row.offset
      page.lengths[to] = row.length
      page.samples[to] = row.samples
      page.firsts[to] = row.first
      page.lasts[to++] = row.last
    }
  }
  return page
}
