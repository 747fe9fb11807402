import { PgherdError, systemCodeOf } from '../../../common/errors.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { Block } from './block/block.ts'
import type { BlockIndex } from './block/block-index.ts'
import { deletedFrom } from './deletion/tombstone-files.ts'
import type { SlotMap } from './head/slot-map.ts'
import type { SeriesTable } from './index/series-table.ts'
import { createSeriesUnion } from './index/series-union.ts'
import type { SeriesUnion } from './index/series-union.ts'
import type { OpenWindow } from './open-window.ts'
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
  const found: { source: Source; startMs: number; generation: number }[] = []
  for (const window of state.windows) {
    const { startMs, windowMs, generation } = window.identity
    if (startMs > toMs || startMs + windowMs <= fromMs) continue
    const deleted = deletedFrom(state, window.log.path)
    const { slots } = window.head
    const source = { kind: 'window', startMs, window, series: state.table, slots, deleted } as const
    found.push({ source, startMs, generation })
  }
  for (const block of state.blocks) {
    const { startMs, generation, minMs, maxMs } = block.footer
    if (minMs <= toMs && maxMs >= fromMs) {
      const deleted = deletedFrom(state, block.path)
      found.push({ source: { kind: 'block', startMs, block, deleted }, startMs, generation })
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

/** The error to pass on when reading a block has failed. */
export function readError(state: StoreState, block: Block, error: unknown): unknown {
  return systemCodeOf(error) === 'ENOENT' && !state.blocks.includes(block) ? blockGone : error
}

/** The index of a block; undefined when it cannot be read any more, and then the block is set aside. */
export async function indexOf(state: StoreState, block: Block): Promise<BlockIndex | undefined> {
  try {
    return await state.reader.index(block)
  } catch (cause) {
    const error = readError(state, block, cause)
    const isCorrupt = error instanceof PgherdError && error.code === 'STORE_CORRUPT'
    if (!isCorrupt && systemCodeOf(error) !== 'ENOENT') throw error
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
