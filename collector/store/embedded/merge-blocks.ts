import { openChunks, openSeries, openSymbols } from './block/block-cursor.ts'
import type { ChunkCursor, SeriesCursor } from './block/block-cursor.ts'
import type { BlockPages } from './block/block-pages.ts'
import type { BlockWriter } from './block/block-writer.ts'
import { compareLabels } from './block/compare-labels.ts'
import type { BlockWindow } from './block/footer.ts'
import { decodeChunk } from './codec/chunk.ts'
import { laterChunk } from './codec/later-chunk.ts'
import { mergeSamples } from './merge.ts'
import type { Pace } from './pace.ts'
import { createSampleBuffer } from './sample-buffer.ts'
import type { SampleBuffer } from './sample-buffer.ts'

/** One block that goes into a merged one, and which of its series do not. */
export interface MergeInput {
  readonly pages: BlockPages
  /** Ascending. */
  readonly without: Uint32Array
}

const noNumber = 0xffff_ffff
const rowsPerLook = 64

/**
 * Copies blocks into one: a merge of sorted streams, so that memory is a few pages for each block, 4 bytes for each
 * symbol and series of each block, and what the writer needs. Chunks that only one block has are copied as they are.
 * @param inputs later ones win at equal times; none of their chunks reaches from one window into the next
 * @param sections windows whose chunks are to lie together, series by series
 * @returns the count of series; with none, there is nothing to finish
 */
export async function mergeBlocks(
  inputs: readonly MergeInput[],
  sections: readonly (readonly BlockWindow[])[],
  writer: BlockWriter,
  pace: Pace,
): Promise<number> {
  const symbols = await mergeSymbols(inputs, writer, pace)
  const { numbers, count } = await mergeSeries(inputs, symbols, writer, pace)
  for (const windows of count === 0 ? [] : sections) {
    await writer.beginSection(windows)
    await mergeSection(inputs, numbers, windows, writer, pace)
  }
  return count
}

/** By input, the new number of each symbol. Those of series that are left out stay: they cost little. */
async function mergeSymbols(
  inputs: readonly MergeInput[],
  writer: BlockWriter,
  pace: Pace,
): Promise<Uint32Array[]> {
  const numbers = inputs.map(({ pages }) => new Uint32Array(pages.root.symbolCount))
  const places = inputs.map(() => 0)
  const cursors = await Promise.all(inputs.map(({ pages }) => openSymbols(pages)))
  for (let number = 0; ; number++) {
    let least: string | undefined
    for (const { text } of cursors) {
      if (text !== undefined && (least === undefined || text < least)) least = text
    }
    if (least === undefined) return numbers
    await writer.addSymbol(least)
    for (let i = 0; i < cursors.length; i++) {
      if (cursors[i]!.text !== least) continue
      numbers[i]![places[i]!++] = number
      await cursors[i]!.next()
    }
    if (number % rowsPerLook === 0 && pace.due()) await pace.rest()
  }
}

/** By input, the new number of each series. The order of symbols is kept, so the series come sorted as well. */
async function mergeSeries(
  inputs: readonly MergeInput[],
  symbols: readonly Uint32Array[],
  writer: BlockWriter,
  pace: Pace,
): Promise<{ numbers: Uint32Array[]; count: number }> {
  const numbers = inputs.map(({ pages }) => new Uint32Array(pages.root.seriesCount).fill(noNumber))
  const streams: SeriesStream[] = []
  for (const [i, input] of inputs.entries()) streams.push(await openStream(input, symbols[i]!))
  for (let count = 0; ; count++) {
    let least: SeriesStream | undefined
    for (const stream of streams) {
      if (stream.length > 0 && (least === undefined || compareStreams(stream, least) < 0)) least = stream
    }
    if (least === undefined) return { numbers, count }
    const number = await writer.addSeries(least.labels, least.length)
    const same = streams.filter(
      (stream) => stream === least || (stream.length > 0 && compareStreams(stream, least) === 0),
    )
    for (const stream of same) {
      numbers[streams.indexOf(stream)]![stream.cursor.number] = number
    }
    for (const stream of same) await advance(stream)
    if (count % rowsPerLook === 0 && pace.due()) await pace.rest()
  }
}

/** The series of one input with the new numbers of their symbols; of length 0 behind the last. */
interface SeriesStream {
  readonly cursor: SeriesCursor
  readonly symbols: Uint32Array
  readonly without: Uint32Array
  /** Position in `without` of the first that is not before the series. */
  skipped: number
  labels: Uint32Array
  length: number
}

async function openStream({ pages, without }: MergeInput, symbols: Uint32Array): Promise<SeriesStream> {
  const cursor = await openSeries(pages)
  const stream = { cursor, symbols, without, skipped: 0, labels: new Uint32Array(64), length: 0 }
  await settle(stream)
  return stream
}

async function advance(stream: SeriesStream): Promise<void> {
  await stream.cursor.next()
  await settle(stream)
}

async function settle(stream: SeriesStream): Promise<void> {
  const { cursor, without, symbols } = stream
  while (cursor.page !== undefined && without[stream.skipped] === cursor.number) {
    stream.skipped++
    await cursor.next()
  }
  if (cursor.page === undefined) {
    stream.length = 0
    return
  }
  const { page, start, length } = cursor
  if (length > stream.labels.length) stream.labels = new Uint32Array(length * 2)
  for (let i = 0; i < length; i++) stream.labels[i] = symbols[page.labels[start + i]!]!
  stream.length = length
}

function compareStreams(a: SeriesStream, b: SeriesStream): number {
  return compareLabels(a.labels, 0, a.length, b.labels, 0, b.length)
}

/** The chunks that one section of an input has of the windows at hand. */
interface ChunkStream {
  readonly cursor: ChunkCursor
  readonly numbers: Uint32Array
  /** Its start, and that of the new section, from which new offsets count. */
  readonly startMs: number
  readonly newStartMs: number
  readonly windows: readonly BlockWindow[]
  /** New number of the series at the cursor; Infinity behind the last. */
  series: number
  /** Position of its window in `windows`. */
  window: number
}

async function mergeSection(
  inputs: readonly MergeInput[],
  numbers: readonly Uint32Array[],
  windows: readonly BlockWindow[],
  writer: BlockWriter,
  pace: Pace,
): Promise<void> {
  const streams: ChunkStream[] = []
  for (const [i, { pages }] of inputs.entries()) {
    for (const [s, { window, windowCount }] of pages.root.sections.entries()) {
      const own = pages.block.footer.windows.slice(window, window + windowCount)
      if (!own.some(({ startMs }) => windows.some((other) => other.startMs === startMs))) continue
      const cursor = await openChunks(pages, s)
      const [startMs, newStartMs] = [own[0]!.startMs, windows[0]!.startMs]
      const stream = {
        cursor,
        numbers: numbers[i]!,
        startMs,
        newStartMs,
        windows,
        series: Infinity,
        window: 0,
      }
      await settleChunk(stream)
      streams.push(stream)
    }
  }
  const buffers = [createSampleBuffer(1024), createSampleBuffer(1024), createSampleBuffer(1024)] as const
  for (let steps = 0; ; steps++) {
    let least: ChunkStream | undefined
    for (const stream of streams) {
      if (stream.series !== Infinity && (least === undefined || orderOf(stream, least) < 0)) least = stream
    }
    if (least === undefined) return
    const { series, window } = least
    const having = streams.filter((stream) => stream.series === series && stream.window === window)
    if (having.length === 1) await copyChunks(least, writer)
    else await writer.addSamples(series, await mergeChunks(having, buffers))
    if (steps % rowsPerLook === 0 && pace.due()) await pace.rest()
  }
}

function orderOf(a: ChunkStream, b: ChunkStream): number {
  return a.series - b.series || a.window - b.window
}

/** Those of one series and window. */
async function copyChunks(stream: ChunkStream, writer: BlockWriter): Promise<void> {
  const { series, window, startMs, newStartMs, cursor } = stream
  const laterMs = startMs - newStartMs
  while (stream.series === series && stream.window === window) {
    const { raw, tail } = await cursor.data()
    const { row } = cursor
    const page = cursor.page!
    const at = page.offsets[row]!
    const tailAt = page.tailOffsets[row]!
    await writer.addChunk(series, {
      bytes: laterChunk(raw.subarray(at, at + page.lengths[row]!), laterMs),
      tail: tail.subarray(tailAt, tailAt + page.tails[row]!),
      samples: page.samples[row]!,
      first: page.firsts[row]! + laterMs,
      last: page.lasts[row]! + laterMs,
    })
    await cursor.next()
    await settleChunk(stream)
  }
}

/** All samples of the series and window that the streams are at, in one of the buffers. */
async function mergeChunks(
  streams: readonly ChunkStream[],
  buffers: readonly [SampleBuffer, SampleBuffer, SampleBuffer],
): Promise<SampleBuffer> {
  const { series, window } = streams[0]!
  const newer = buffers[0]
  let merged = buffers[1]
  let spare = buffers[2]
  merged.count = 0
  for (const stream of streams) {
    newer.count = 0
    while (stream.series === series && stream.window === window) {
      const { raw, tail } = await stream.cursor.data()
      const { row } = stream.cursor
      const page = stream.cursor.page!
      decodeChunk({ bytes: raw, at: page.offsets[row]! }, newer, { bytes: tail, at: page.tailOffsets[row]! })
      await stream.cursor.next()
      await settleChunk(stream)
    }
    const laterMs = stream.startMs - stream.newStartMs
    for (let i = 0; i < newer.count; i++) newer.offsets[i]! += laterMs
    spare.count = 0
    mergeSamples(merged, newer, spare)
    ;[merged, spare] = [spare, merged]
  }
  return merged
}

/** Steps over the chunks of series that are left out, and over those of other windows. */
async function settleChunk(stream: ChunkStream): Promise<void> {
  const { cursor, numbers, windows, startMs } = stream
  for (; cursor.page !== undefined; await cursor.next()) {
    stream.series = numbers[cursor.page.series[cursor.row]!]!
    if (stream.series === noNumber) continue
    const firstMs = startMs + cursor.page.firsts[cursor.row]!
    stream.window = windows.findIndex((one) => firstMs >= one.startMs && firstMs < one.startMs + one.windowMs)
    if (stream.window >= 0) return
  }
  stream.series = Infinity
}
