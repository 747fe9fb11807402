import { openBlockWriter } from './block/block-writer.ts'
import { deletedRefs } from './deletion/deleted-refs.ts'
import { deletedFrom } from './deletion/tombstone-files.ts'
import { blockPath, corruptSuffix } from './files.ts'
import { writeWindow } from './head/write-window.ts'
import type { OpenWindow } from './open-window.ts'
import { createPace, watched } from './pace.ts'
import { addBlock, removeWindow } from './state.ts'
import type { StoreState } from './state.ts'

/**
 * Turns a frozen window into a block and removes its log. Queries see the window until the moment in which they
 * see the block; a crash in between leaves both, and recovery removes the log.
 * Errors are those of the file system; then the window stays as it was.
 */
export async function sealWindow(state: StoreState, window: OpenWindow): Promise<void> {
  if (window.head.samples > 0) await writeBlock(state, window)
  await discardWindow(state, window)
}

async function writeBlock(state: StoreState, { identity, head, log }: OpenWindow): Promise<void> {
  const { startMs, windowMs, generation } = identity
  const path = blockPath(state.paths, startMs, generation, generation)
  const pace = watched(createPace(state.options.clock), state.closing)
  // As they are now: they may be replaced meanwhile, all together.
  const { table: series } = state
  const { refs, slotCount } = head
  const own = { startMs, windowMs, lowestGeneration: generation, generation }
  const writer = await openBlockWriter(path, own, { pace, disk: state.disk })
  try {
    const gone = await deletedRefs(state, series, deletedFrom(state, log.path), pace)
    const count = await writeWindow(head, own, { series, refs, slotCount }, gone, writer, pace)
    if (count === 0) {
      await writer.abandon()
      return
    }
    const { footer, bytes } = await writer.finish()
    addBlock(state, { path, footer, bytes, badPages: new Set() })
    state.options.log.info({ path, bytes, series: footer.series, samples: footer.samples }, 'sealed a block')
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

/** Removes a window and its log; a damaged log is kept under another name. */
export async function discardWindow(state: StoreState, window: OpenWindow): Promise<void> {
  removeWindow(state, window)
  await window.log.handle.close()
  if (window.damaged) await state.disk.rename(window.log.path, window.log.path + corruptSuffix)
  else await state.disk.remove(window.log.path)
}
