import { openBlockWriter } from './block/block-writer.ts'
import { deletedRefs } from './deletion/deleted-refs.ts'
import { deletedFrom } from './deletion/tombstone-files.ts'
import { blockPath, corruptSuffix } from './files.ts'
import { readSlot } from './head/read-head.ts'
import { slotsByMetric } from './head/slots-by-metric.ts'
import { labelsOf } from './index/series-columns.ts'
import type { OpenWindow } from './open-window.ts'
import { createPace } from './pace.ts'
import { createSampleBuffer } from './sample-buffer.ts'
import { addBlock, removeWindow } from './state.ts'
import type { StoreState } from './state.ts'

/**
 * Turns a frozen window into a block and removes its log. Queries see the window until the moment in which they
 * see the block; a crash in between leaves both, and recovery removes the log.
 * Errors are those of the file system; then the window stays as it was.
 */
export async function sealWindow(state: StoreState, window: OpenWindow): Promise<void> {
  const { startMs, windowMs, generation } = window.identity
  if (window.head.samples > 0) {
    const path = blockPath(state.paths, startMs, generation, generation)
    const writer = await openBlockWriter(
      path,
      {
        startMs,
        windowMs,
        generation,
        lowestGeneration: generation,
      },
      state.disk,
    )
    // As they are now: they may be replaced meanwhile, all together.
    const { table: series } = state
    const { refs, slots, slotCount } = window.head
    try {
      const pace = createPace(state.options.clock)
      const samples = createSampleBuffer(1024)
      const gone = await deletedRefs(state, series, deletedFrom(state, window.log.path), pace)
      let isEmpty = true
      for (const slot of await slotsByMetric({ series, slotCount, refs, slots }, pace)) {
        samples.count = 0
        const ref = refs[slot]!
        if (!gone.has(ref)) readSlot(window.head, slot, 0, windowMs, samples)
        if (samples.count > 0) {
          isEmpty = false
          await writer.add(labelsOf(series, ref), samples)
        }
        state.closing.throwIfAborted()
        if (pace.due()) await pace.rest()
      }
      if (isEmpty) await writer.abandon()
      else {
        const { footer, bytes } = await writer.finish()
        addBlock(state, { path, footer, bytes, badPages: new Set() })
        state.options.log.info(
          { path, bytes, series: footer.series, samples: footer.samples },
          'sealed a block',
        )
      }
    } catch (error) {
      await writer.abandon()
      throw error
    }
  }
  await discardWindow(state, window)
}

/** Removes a window and its log; a damaged log is kept under another name. */
export async function discardWindow(state: StoreState, window: OpenWindow): Promise<void> {
  removeWindow(state, window)
  await window.log.handle.close()
  if (window.damaged) await state.disk.rename(window.log.path, window.log.path + corruptSuffix)
  else await state.disk.remove(window.log.path)
}
