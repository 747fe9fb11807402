import { PgherdError, systemCodeOf } from '../../../common/errors.ts'
import type { Block } from './block/block.ts'
import type { BlockIndex } from './block/block-index.ts'
import type { OpenWindow } from './open-window.ts'
import { setAside } from './recover.ts'
import { inOrder, removeBlock } from './state.ts'
import type { StoreState } from './state.ts'

/** One place that has samples of a time range. */
export type Source =
  | { readonly kind: 'window'; readonly startMs: number; readonly window: OpenWindow }
  | { readonly kind: 'block'; readonly startMs: number; readonly block: Block; readonly index: BlockIndex }

/**
 * What has to be read for a range, oldest window first, and a later generation after the one that it overrides.
 * The list is taken at one moment: a window that is sealed meanwhile stays readable in memory. Afterwards all
 * series of these blocks are interned, so that a selector finds them.
 */
export async function sourcesOf(state: StoreState, fromMs: number, toMs: number): Promise<Source[]> {
  const windows = state.windows.filter(
    ({ identity }) => identity.startMs <= toMs && identity.startMs + identity.windowMs > fromMs,
  )
  const blocks = state.blocks.filter(({ footer }) => footer.minMs <= toMs && footer.maxMs >= fromMs)
  const found: { source: Source; startMs: number; generation: number }[] = []
  for (const window of windows) {
    const { startMs, generation } = window.identity
    found.push({ source: { kind: 'window', startMs, window }, startMs, generation })
  }
  for (const block of blocks) {
    const index = await indexOrUndefined(state, block)
    if (index === undefined) continue
    const { startMs, generation } = block.footer
    found.push({ source: { kind: 'block', startMs, block, index }, startMs, generation })
  }
  return inOrder(found, (item) => item).map(({ source }) => source)
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

async function indexOrUndefined(state: StoreState, block: Block): Promise<BlockIndex | undefined> {
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
