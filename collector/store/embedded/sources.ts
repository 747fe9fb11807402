import { PgherdError, systemCodeOf } from '../../../common/errors.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { Block } from './block/block.ts'
import type { BlockReader } from './block/block-reader.ts'
import type { FoundSeries } from './block/found-series.ts'
import { deletedFrom } from './deletion/tombstone-files.ts'
import type { SlotMap } from './head/slot-map.ts'
import type { SeriesTable } from './index/series-table.ts'
import { createSeriesUnion } from './index/series-union.ts'
import type { SeriesUnion } from './index/series-union.ts'
import type { OpenWindow } from './open-window.ts'
import type { Pace } from './pace.ts'
import { setAside } from './set-aside.ts'
import { inOrder, removeBlock } from './state.ts'
import type { StoreState } from './state.ts'

/** One place that has samples of a time range. */
export type Source =
  | {
      readonly kind: 'window'
      readonly startMs: number
      readonly window: OpenWindow
      /** The series and their slots as they were when the query began: a later table has other refs. */
      readonly series: SeriesTable
      readonly slots: SlotMap
      /** What deletions have taken from it. */
      readonly deleted: readonly (readonly Matcher[])[]
    }
  | {
      readonly kind: 'block'
      readonly startMs: number
      readonly block: Block
      readonly deleted: readonly (readonly Matcher[])[]
    }

/**
 * What has to be read for a range, oldest window first, and a later generation after the one that it overrides.
 * The list is taken at one moment: a window that is sealed meanwhile stays readable in memory.
 */
export function sourcesOf(state: StoreState, fromMs: number, toMs: number): Source[] {
  const found: { source: Source; startMs: number; windowMs: number; generation: number }[] = []
  for (const window of state.windows) {
    const { startMs, windowMs, generation } = window.identity
    if (startMs > toMs || startMs + windowMs <= fromMs) continue
    const deleted = deletedFrom(state, window.log.path)
    const { slots } = window.head
    const source = { kind: 'window', startMs, window, series: state.table, slots, deleted } as const
    found.push({ source, startMs, windowMs, generation })
  }
  for (const block of state.blocks) {
    const { startMs, windowMs, generation, minMs, maxMs } = block.footer
    if (minMs <= toMs && maxMs >= fromMs) {
      const deleted = deletedFrom(state, block.path)
      found.push({ source: { kind: 'block', startMs, block, deleted }, startMs, windowMs, generation })
    }
  }
  return inOrder(found, (item) => item).map(({ source }) => source)
}

/** A union for the series of these sources: open windows have one table, each block its own. */
export function unionFor(sources: readonly Source[]): SeriesUnion {
  const blocks = sources.filter(({ kind }) => kind === 'block').length
  return createSeriesUnion(blocks === 0 || sources.length === 1)
}

/** Thrown when a block was removed between the moment in which a query listed it and the one of reading it. */
const blockGone = new Error('a block was removed while a query was about to read it')

export function isBlockGone(error: unknown): boolean {
  return error === blockGone
}

/**
 * Runs a query again from its start when a block that it wanted was merged into another one, or removed by the
 * retention. Each time takes one removal, and these are minutes apart.
 */
export async function withStableBlocks<T>(query: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await query()
    } catch (error) {
      if (error !== blockGone) throw error
    }
  }
}

/**
 * The answer of the reader about a block; undefined when its index cannot be read any more, and then the block is
 * set aside.
 */
export async function askBlock<T>(
  state: StoreState,
  block: Block,
  ask: (reader: BlockReader) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask(state.reader)
  } catch (error) {
    const isMissing = systemCodeOf(error) === 'ENOENT'
    if (isMissing && !state.blocks.includes(block)) throw blockGone
    const isCorrupt = error instanceof PgherdError && error.code === 'STORE_CORRUPT'
    if (!isCorrupt && !isMissing) throw error
    // Another query may have found it at the same time.
    if (!state.blocks.includes(block)) return undefined
    removeBlock(state, block)
    if (isCorrupt) await setAside(state, block.path)
    else {
      state.counters.corruptions++
      state.options.log.error({ path: block.path }, 'a block has disappeared')
    }
    return undefined
  }
}

/** The series of a block that any of the selectors matches, without those that were deleted. */
export function findInBlock(
  state: StoreState,
  { block, deleted }: Source & { kind: 'block' },
  selectors: readonly (readonly Matcher[])[],
  pace: Pace,
): Promise<FoundSeries | undefined> {
  return askBlock(state, block, (reader) => reader.find(block, selectors, deleted, pace))
}
