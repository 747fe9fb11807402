import type { Matcher } from '../../../../common/series/matcher.ts'
import { noBytes } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { decodeChunk } from '../codec/chunk.ts'
import { compileMatcher, keyOf } from '../index/compiled-matcher.ts'
import type { Pace } from '../pace.ts'
import { createSampleBuffer } from '../sample-buffer.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import type { Block } from './block.ts'
import { createBlockPagesCache } from './block-pages.ts'
import type { BlockPages, BlockPagesOptions } from './block-pages.ts'
import { namesIn, postingsOf, symbolOfText, textOfSymbol } from './block-values.ts'
import { createByteCache } from './byte-cache.ts'
import { chunksInRange, isWithin } from './chunks-in-range.ts'
import { findSeries } from './find-series.ts'
import { loadSeries } from './found-series.ts'
import type { FoundSeries } from './found-series.ts'
import type { PageContent } from './lazy-file.ts'

type Selectors = readonly (readonly Matcher[])[]

/**
 * Reads blocks through bounded caches. Time and memory follow what is asked for, not how much the block has. Every
 * question may end with STORE_CORRUPT when a page of the index fails its checksum, and with what pace.rest() throws.
 */
export interface BlockReader {
  /**
   * The series that any of the selectors matches (all when there is none) and none of `without`.
   * @throws PgherdError QUERY_INVALID for an invalid expression
   */
  find(block: Block, selectors: Selectors, without: Selectors, pace: Pace): Promise<FoundSeries>
  /**
   * By position in `numbers`, 1 for a series that reaches into the range by the first and the last sample of one of its
   * chunks.
   */
  active(block: Block, numbers: Uint32Array, fromMs: number, toMs: number, pace: Pace): Promise<Uint8Array>
  /**
   * Hands over the samples of the wanted series whose chunks overlap the range, chunk by chunk, those of one series
   * in time order, those outside the range left out. The buffer is reused: copy what must stay.
   * @param numbers ascending
   * @param emit gets the position in `numbers`, and the time from which the samples' offsets count
   */
  read(
    block: Block,
    numbers: Uint32Array,
    fromMs: number,
    toMs: number,
    pace: Pace,
    emit: (position: number, samples: SampleBuffer, startMs: number) => void,
  ): Promise<void>
  /** Names of the labels that series with samples in the range have. */
  names(block: Block, fromMs: number, toMs: number, pace: Pace): Promise<string[]>
  /** Values that a label has in series with samples in the range. */
  values(block: Block, name: string, fromMs: number, toMs: number, pace: Pace): Promise<string[]>
  /** The block page by page, past the caches; to be disposed. */
  scan(block: Block): Promise<BlockPages>
  /** Lets go of what is in memory of a block that is going away. */
  forget(block: Block): void
}

/** A share of the memory for indexes: what was found for selectors that are asked again and again. */
const foundShare = 1 / 4

export function createBlockReader(options: BlockPagesOptions): BlockReader {
  const cache = createBlockPagesCache({
    ...options,
    indexCacheBytes: options.indexCacheBytes * (1 - foundShare),
  })
  const found = createByteCache<string, FoundSeries>(options.indexCacheBytes * foundShare)
  /** One chunk at a time, never across an await: all reads share it. */
  const samples = createSampleBuffer(1024)
  const find = async (pages: BlockPages, selectors: Selectors, pace: Pace): Promise<Uint32Array> => {
    if (selectors.length === 0) return await findSeries(pages, [], pace)
    const parts: Uint32Array[] = []
    for (const matchers of selectors) parts.push(await findSeries(pages, matchers.map(compileMatcher), pace))
    return parts.length === 1 ? parts[0]! : distinct(parts)
  }
  return {
    async find(block, selectors, without, pace) {
      const key = `${cache.idOf(block)}\n${keyOfAll(selectors)}\n${keyOfAll(without)}`
      const known = found.get(key)
      if (known !== undefined) return known
      await using pages = await cache.open(block)
      let numbers = await find(pages, selectors, pace)
      if (without.length > 0 && numbers.length > 0) {
        const hidden = new Set(await find(pages, without, pace))
        numbers = numbers.filter((number) => !hidden.has(number))
      }
      const series = await loadSeries(pages, numbers, pace)
      found.set(key, series, series.bytes)
      return series
    },
    async active(block, numbers, fromMs, toMs, pace) {
      if (isWithin(block, fromMs, toMs)) return new Uint8Array(numbers.length).fill(1)
      const active = new Uint8Array(numbers.length)
      await using pages = await cache.open(block)
      await mark(pages, numbers, fromMs, toMs, pace, active)
      return active
    },
    async read(block, numbers, fromMs, toMs, pace, emit) {
      if (numbers.length === 0) return
      const from: ByteBuffer = { bytes: noBytes, at: 0 }
      const tail: ByteBuffer = { bytes: noBytes, at: 0 }
      await using pages = await cache.open(block)
      for await (const found of chunksInRange(pages, numbers, fromMs, toMs, pace)) {
        const { chunks, rows, positions } = found
        let page = -1
        let content: PageContent | undefined
        const earliest = fromMs - found.startMs
        const last = toMs - found.startMs
        for (let i = 0; i < found.count; i++) {
          const row = rows[i]!
          if (chunks.pages[row] !== page) {
            if (pace.due()) await pace.rest()
            page = chunks.pages[row]!
            content = await pages.data(chunks.dataPages, page)
          }
          if (content === undefined) continue
          samples.count = 0
          from.bytes = content.raw
          from.at = chunks.offsets[row]!
          tail.bytes = content.tail
          tail.at = chunks.tailOffsets[row]!
          decodeChunk(from, samples, tail, last, earliest)
          if (samples.count > 0) emit(positions[i]!, samples, found.startMs)
        }
      }
    },
    async names(block, fromMs, toMs, pace) {
      await using pages = await cache.open(block)
      const isActive = await activity(pages, fromMs, toMs, pace)
      const texts: string[] = []
      for (const name of await namesIn(pages)) {
        for await (const { page, first, end } of postingsOf(pages, name, pace)) {
          if (!anyOf(page.series, first, end, isActive)) continue
          texts.push(await textOfSymbol(pages, name))
          break
        }
      }
      return texts
    },
    async values(block, name, fromMs, toMs, pace) {
      await using pages = await cache.open(block)
      const symbol = await symbolOfText(pages, name)
      if (symbol < 0) return []
      const isActive = await activity(pages, fromMs, toMs, pace)
      const texts: string[] = []
      for await (const { value, page, first, end } of postingsOf(pages, symbol, pace)) {
        if (anyOf(page.series, first, end, isActive)) texts.push(await textOfSymbol(pages, value))
      }
      return texts
    },
    scan: (block) => cache.open(block, false),
    forget: () => undefined,
  }
}

/** By number, 1 for each series with samples in the range; undefined when that is all of them. */
async function activity(
  pages: BlockPages,
  fromMs: number,
  toMs: number,
  pace: Pace,
): Promise<Uint8Array | undefined> {
  if (isWithin(pages.block, fromMs, toMs)) return undefined
  const active = new Uint8Array(pages.root.seriesCount)
  const numbers = new Uint32Array(active.length)
  for (let i = 0; i < numbers.length; i++) numbers[i] = i
  await mark(pages, numbers, fromMs, toMs, pace, active)
  return active
}

async function mark(
  pages: BlockPages,
  numbers: Uint32Array,
  fromMs: number,
  toMs: number,
  pace: Pace,
  active: Uint8Array,
): Promise<void> {
  for await (const { count, positions } of chunksInRange(pages, numbers, fromMs, toMs, pace)) {
    for (let i = 0; i < count; i++) active[positions[i]!] = 1
  }
}

function anyOf(series: Uint32Array, first: number, end: number, active: Uint8Array | undefined): boolean {
  if (active === undefined) return end > first
  for (let i = first; i < end; i++) if (active[series[i]!] === 1) return true
  return false
}

function distinct(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Set<number>()
  for (const part of parts) for (const number of part) all.add(number)
  return Uint32Array.from(all).sort()
}

function keyOfAll(selectors: Selectors): string {
  return selectors.map((matchers) => matchers.map(keyOf).join('\u0001')).join('\u0002')
}
