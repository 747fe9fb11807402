import { openBlockWriter } from './block/block-writer.ts'
import type { BlockIdentity } from './block/block-writer.ts'
import type { Block } from './block/block.ts'
import type { BlockReader } from './block/block-reader.ts'
import type { BlockWindow } from './block/footer.ts'
import { deletedFrom } from './deletion/tombstone-files.ts'
import { blockPath } from './files.ts'
import { mergeBlocks } from './merge-blocks.ts'
import type { MergeInput } from './merge-blocks.ts'
import { createPace, watched } from './pace.ts'
import type { Pace } from './pace.ts'
import { planMerges, sectionMs } from './plan-merges.ts'
import type { MergePlan } from './plan-merges.ts'
import { askBlock } from './sources.ts'
import { addBlock, nextGeneration, removeBlock, removeBlockFile } from './state.ts'
import type { StoreState } from './state.ts'

/** Runs something while nothing else seals, merges, removes or deletes. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>

/** Merges blocks where that is worth it; only the change from the old ones to the new one is exclusive. */
export async function compactBlocks(state: StoreState, exclusively: Exclusively): Promise<void> {
  const { clock, windowMs, retentionMs } = state.options
  const plans = planMerges(state.blocks, state.windows, { nowMs: clock.now(), windowMs, retentionMs })
  for (const plan of plans) {
    try {
      await carryOut(state, plan, exclusively)
    } catch (error) {
      if (state.closing.aborted) return
      for (const block of plan.blocks)
        await exclusively(() => askBlock(state, block, (reader) => readIndex(reader, block)))
      state.options.log.error({ err: error, path: plan.blocks[0]!.path }, 'blocks could not be merged')
    }
  }
}

/** Ends with STORE_CORRUPT where a merge has done so: it would be begun again and again with that block. */
async function readIndex(reader: BlockReader, block: Block): Promise<void> {
  await using pages = await reader.scan(block)
  const { symbols, series } = pages.root
  for (let i = 0; i < symbols.pages.count; i++) await pages.symbols(i)
  for (let i = 0; i < series.pages.count; i++) await pages.series(i)
}

/** Queries see the old blocks or the new one; after a crash in between, recovery removes the old ones. */
async function carryOut(state: StoreState, plan: MergePlan, exclusively: Exclusively): Promise<void> {
  const { blocks } = plan
  const pace = watched(createPace(state.options.clock), state.closing)
  const deletions = blocks.map(({ path }) => deletedFrom(state, path))
  const identity = identityOf(state, plan)
  const { startMs, lowestGeneration, generation } = identity
  const path = blockPath(state.paths, startMs, plan.isLong ? plan.spanMs : lowestGeneration, generation)
  await using opened = new AsyncDisposableStack()
  const inputs: MergeInput[] = []
  for (const block of blocks) {
    const pages = opened.use(await state.reader.scan(block))
    inputs.push({ pages, without: await withoutOf(state, block, pace) })
  }
  const writer = await openBlockWriter(path, identity, {
    pace,
    disk: state.disk,
    level: plan.level,
  })
  try {
    const series = await mergeBlocks(inputs, sectionsOf(plan), writer, pace)
    await exclusively(async () => {
      const isUnchanged = blocks.every((block, i) => {
        return state.blocks.includes(block) && deletedFrom(state, block.path).length === deletions[i]!.length
      })
      if (!isUnchanged) {
        await writer.abandon()
        return
      }
      if (series === 0) await writer.abandon()
      else {
        const { footer, bytes } = await writer.finish()
        for (const block of blocks) removeBlock(state, block)
        addBlock(state, { path, footer, bytes, badPages: new Set() })
        state.options.log.info({ path, bytes, merged: blocks.length }, 'merged blocks')
      }
      for (const block of blocks) await removeBlockFile(state, block)
    })
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

async function withoutOf(state: StoreState, block: Block, pace: Pace): Promise<Uint32Array> {
  const deleted = deletedFrom(state, block.path)
  if (deleted.length === 0) return new Uint32Array(0)
  return (await state.reader.find(block, deleted, [], pace)).numbers
}

/** A block of several windows is named after its length, so that it has another name than that of its first one. */
function identityOf(state: StoreState, { blocks, startMs, spanMs, isLong }: MergePlan): BlockIdentity {
  if (isLong) {
    return { startMs, windowMs: spanMs, lowestGeneration: 0, generation: nextGeneration(state, startMs) }
  }
  const lowestGeneration = Math.min(...blocks.map(({ footer }) => footer.lowestGeneration))
  const generation = Math.max(...blocks.map(({ footer }) => footer.generation))
  return { startMs, windowMs: spanMs, lowestGeneration, generation }
}

/** Of a long block several windows each: a series is read over weeks rather than all of them over an hour. */
function sectionsOf({ blocks, startMs }: MergePlan): readonly (readonly BlockWindow[])[] {
  const sections = Map.groupBy(windowsOf(blocks), (window) =>
    Math.floor((window.startMs - startMs) / sectionMs),
  )
  return [...sections.values()]
}

function windowsOf(blocks: readonly Block[]): BlockWindow[] {
  const windows = new Map<number, BlockWindow>()
  for (const window of blocks.flatMap(({ footer }) => footer.windows)) {
    const known = windows.get(window.startMs) ?? window
    windows.set(window.startMs, {
      ...window,
      lowestGeneration: Math.min(known.lowestGeneration, window.lowestGeneration),
      generation: Math.max(known.generation, window.generation),
    })
  }
  return [...windows.values()].sort((a, b) => a.startMs - b.startMs)
}
