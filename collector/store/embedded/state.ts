import type { Admission } from './admission.ts'
import type { Block } from './block/block.ts'
import type { BlockReader } from './block/block-reader.ts'
import type { Tombstone } from './deletion/tombstone.ts'
import type { Disk } from './disk.ts'
import type { StorePaths } from './files.ts'
import { releaseSeries, useSeries } from './index/activity.ts'
import type { Activity } from './index/activity.ts'
import type { RefSelector } from './index/select-refs.ts'
import type { SeriesTable } from './index/series-table.ts'
import type { EmbeddedStoreOptions, defaults } from './options.ts'
import type { OpenWindow } from './open-window.ts'

/** What the parts of one open store share. Lists are replaced, never changed: a query keeps the one it saw. */
export interface StoreState {
  readonly paths: StorePaths
  readonly options: Required<Pick<EmbeddedStoreOptions, keyof typeof defaults>> &
    Pick<EmbeddedStoreOptions, 'retentionMs' | 'maxBytes' | 'clock' | 'log'>
  readonly disk: Disk
  /** The series that are known; replaced, with new refs, when most of them are in no open window any more. */
  table: SeriesTable
  activity: Activity
  /** Changes whenever refs that were given out are to be asked for again. */
  refGeneration: number
  readonly admission: Admission
  readonly selector: RefSelector
  readonly reader: BlockReader
  readonly counters: StoreCounters
  /** Ends long work when the store is closed. */
  readonly closing: AbortSignal
  /** The moment from which the retention counts back: the wall clock's, unless that has leapt. */
  retentionNow: () => number
  /** Both by start, then by generation. */
  windows: readonly OpenWindow[]
  blocks: readonly Block[]
  /** Oldest first. */
  tombstones: readonly Tombstone[]
  /**
   * The highest generation that each window start has had, also of files that are gone: a name that is used again could be
   * taken for the file that had it before.
   */
  readonly generations: Map<number, number>
}

export interface StoreCounters {
  appended: number
  duplicates: number
  outOfBounds: number
  corruptions: number
}

/**
 * What has to be read later comes later and wins: oldest window first, of one window by generation. A block of several
 * windows comes before what came late for any of them.
 */
export function inOrder<T>(
  items: readonly T[],
  key: (item: T) => { startMs: number; windowMs: number; generation: number },
): T[] {
  return items.toSorted((a, b) => {
    const left = key(a)
    const right = key(b)
    return (
      left.startMs - right.startMs || right.windowMs - left.windowMs || left.generation - right.generation
    )
  })
}

export function addWindow(state: StoreState, window: OpenWindow): void {
  const { head } = window
  for (let slot = 0; slot < head.slotCount; slot++) useSeries(state.activity, head.refs[slot]!)
  state.windows = inOrder([...state.windows, window], (item) => item.identity)
}

export function removeWindow(state: StoreState, window: OpenWindow): void {
  if (!state.windows.includes(window)) return
  const { head } = window
  for (let slot = 0; slot < head.slotCount; slot++) releaseSeries(state.activity, head.refs[slot]!)
  state.windows = state.windows.filter((other) => other !== window)
}

export function addBlock(state: StoreState, block: Block): void {
  state.blocks = inOrder([...state.blocks, block], (item) => item.footer)
}

export function removeBlock(state: StoreState, block: Block): void {
  state.blocks = state.blocks.filter((other) => other !== block)
  state.reader.forget(block)
}

/** The block's samples are gone for every query that has not begun to read it. */
export async function removeBlockFile(state: StoreState, block: Block): Promise<void> {
  removeBlock(state, block)
  await state.disk.remove(block.path)
}

/** One above every generation that the window starting here has had. */
export function nextGeneration(state: StoreState, startMs: number): number {
  let next = (state.generations.get(startMs) ?? -1) + 1
  for (const { identity } of state.windows) {
    if (identity.startMs === startMs) next = Math.max(next, identity.generation + 1)
  }
  for (const { footer } of state.blocks) {
    if (footer.startMs === startMs) next = Math.max(next, footer.generation + 1)
    const window = footer.windows.find((other) => other.startMs === startMs)
    if (window !== undefined) next = Math.max(next, window.generation + 1)
  }
  noteGeneration(state, startMs, next)
  return next
}

export function noteGeneration(state: StoreState, startMs: number, generation: number): void {
  state.generations.set(startMs, Math.max(generation, state.generations.get(startMs) ?? 0))
}
