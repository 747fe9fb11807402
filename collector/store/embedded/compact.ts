import { openBlockWriter } from './block/block-writer.ts'
import type { BlockWriter } from './block/block-writer.ts'
import type { Block } from './block/block.ts'
import { deletedRefs } from './deletion/deleted-refs.ts'
import { deletedFrom } from './deletion/tombstone-files.ts'
import { blockPath } from './files.ts'
import { valueSymbol } from './index/series-columns.ts'
import { createSeriesUnion } from './index/series-union.ts'
import type { SeriesUnion } from './index/series-union.ts'
import { metricNameLabel } from '../../../common/series/label-set.ts'
import { createPace } from './pace.ts'
import type { Pace } from './pace.ts'
import { createSampleBuffer, reserveSamples } from './sample-buffer.ts'
import type { SampleBuffer } from './sample-buffer.ts'
import { addPiece, createSeriesBuilder } from './series-builder.ts'
import type { SeriesBuilder } from './series-builder.ts'
import { addBlock, removeBlock, removeBlockFile } from './state.ts'
import type { StoreState } from './state.ts'

/** So many blocks of one window are merged: late samples then cost each query one block, not one per trickle. */
const blocksToMerge = 4
/** Series that are in memory at a time while merging. */
const seriesAtOnce = 1024

/** Merges the blocks of windows for which late samples have made many. Blocks of different windows stay apart. */
export async function compactWindows(state: StoreState): Promise<void> {
  for (const blocks of Map.groupBy(state.blocks, ({ footer }) => footer.startMs).values()) {
    if (blocks.length < blocksToMerge || !canMerge(state, blocks)) continue
    try {
      await mergeBlocks(state, blocks)
    } catch (error) {
      if (state.closing.aborted) return
      state.options.log.error({ err: error, path: blocks[0]!.path }, 'blocks could not be merged')
    }
  }
}

/**
 * The merged block stands for all generations between its lowest and its highest, so none of them may still be
 * in a log. A block that has lost a page is left as it is, for whoever wants to repair it.
 */
function canMerge(state: StoreState, blocks: readonly Block[]): boolean {
  const { startMs, windowMs } = blocks[0]!.footer
  return (
    blocks.every(({ footer, badPages }) => footer.windowMs === windowMs && badPages.size === 0) &&
    state.windows.every(({ identity }) => identity.startMs !== startMs)
  )
}

/** Queries see the old blocks or the new one; after a crash in between, recovery removes the old ones. */
async function mergeBlocks(state: StoreState, blocks: readonly Block[]): Promise<void> {
  const { startMs, windowMs } = blocks[0]!.footer
  const lowestGeneration = Math.min(...blocks.map(({ footer }) => footer.lowestGeneration))
  const generation = Math.max(...blocks.map(({ footer }) => footer.generation))
  const path = blockPath(state.paths, startMs, lowestGeneration, generation)
  const pace = createPace(state.options.clock)
  const series = await mergeSeries(state, blocks, pace)
  const writer = await openBlockWriter(path, { startMs, windowMs, lowestGeneration, generation }, state.disk)
  try {
    for (let first = 0; first < series.ids.length; first += seriesAtOnce) {
      const wanted = series.ids.slice(first, first + seriesAtOnce)
      await copySeries(state, blocks, series, wanted, writer, pace)
      state.closing.throwIfAborted()
    }
    if (blocks.some(({ badPages }) => badPages.size > 0)) throw new Error('a page fails its checksum')
    if (series.ids.length === 0) await writer.abandon()
    else {
      const { footer, bytes } = await writer.finish()
      for (const block of blocks) removeBlock(state, block)
      addBlock(state, { path, footer, bytes, badPages: new Set() })
      state.options.log.info({ path, bytes, merged: blocks.length }, 'merged the blocks of a window')
    }
  } catch (error) {
    await writer.abandon()
    throw error
  }
  for (const block of blocks) await removeBlockFile(state, block)
}

/** The series of several blocks without those that were deleted, those of one metric together. */
interface MergedSeries {
  readonly union: SeriesUnion
  readonly ids: readonly number[]
  /** By block: the ref that a series has in it, by its id, plus 1; 0 where the block does not have it. */
  readonly refs: ReadonlyMap<Block, Uint32Array>
}

async function mergeSeries(state: StoreState, blocks: readonly Block[], pace: Pace): Promise<MergedSeries> {
  const union = createSeriesUnion()
  const found = new Map<Block, number[]>()
  const metrics = new Map<string, number[]>()
  let count = 0
  for (const block of blocks) {
    const { series } = await state.reader.index(block)
    const name = series.symbols.ids.get(metricNameLabel) ?? -1
    const gone = await deletedRefs(state, series, deletedFrom(state, block.path), pace)
    const ids: number[] = []
    for (let ref = 0; ref < series.count; ref++) {
      if (gone.has(ref)) {
        ids.push(-1)
        continue
      }
      const id = union.idOf(series, ref)
      ids.push(id)
      if (id === count) {
        const metric = series.symbols.texts[valueSymbol(series, ref, name)]!
        const known = metrics.get(metric)
        if (known === undefined) metrics.set(metric, [id])
        else known.push(id)
        count++
      }
      if (pace.due()) await pace.rest()
    }
    found.set(block, ids)
  }
  const refs = new Map<Block, Uint32Array>()
  for (const [block, ids] of found) {
    const column = new Uint32Array(count)
    for (const [ref, id] of ids.entries()) if (id >= 0) column[id] = ref + 1
    refs.set(block, column)
  }
  return { union, ids: [...metrics.values()].flat(), refs }
}

async function copySeries(
  state: StoreState,
  blocks: readonly Block[],
  series: MergedSeries,
  wanted: readonly number[],
  writer: BlockWriter,
  pace: Pace,
): Promise<void> {
  const { startMs } = blocks[0]!.footer
  const builders = new Map<number, SeriesBuilder>()
  for (const block of blocks) {
    const column = series.refs.get(block)!
    const pairs = wanted
      .filter((id) => column[id]! > 0)
      .map((id) => ({ id, ref: column[id]! - 1 }))
      .sort((a, b) => a.ref - b.ref)
    const refs = Uint32Array.from(pairs, ({ ref }) => ref)
    await state.reader.read(block, refs, 0, Infinity, pace, (position, samples) => {
      const { id } = pairs[position]!
      let builder = builders.get(id)
      if (builder === undefined) builders.set(id, (builder = createSeriesBuilder(samples.count)))
      addPiece(builder, samples, 0, samples.count, startMs)
    })
  }
  const samples = createSampleBuffer(1024)
  for (const id of wanted) {
    const builder = builders.get(id)
    if (builder === undefined) continue
    toOffsets(builder, startMs, samples)
    await writer.add(series.union.labelsOf(id), samples)
    if (pace.due()) await pace.rest()
  }
}

function toOffsets(builder: SeriesBuilder, startMs: number, into: SampleBuffer): void {
  into.count = 0
  reserveSamples(into, builder.count)
  for (let i = 0; i < builder.count; i++) into.offsets[i] = builder.timestamps[i]! - startMs
  into.values.set(builder.values.subarray(0, builder.count))
  into.count = builder.count
}
