import type { StorageStats } from '../storage.ts'
import type { StoreState } from './state.ts'

/** Counts what the store holds now; the cost follows the number of series in open windows. */
export function collectStats(state: StoreState): StorageStats {
  const { windows, blocks, counters } = state
  const inHead = new Uint8Array(state.table.count)
  let headSeries = 0
  let minTimeMs = Infinity
  let maxTimeMs = -Infinity
  for (const { head } of windows) {
    for (let slot = 0; slot < head.slotCount; slot++) {
      if (head.firstOffsets[slot]! < 0) continue
      minTimeMs = Math.min(minTimeMs, head.startMs + head.firstOffsets[slot]!)
      maxTimeMs = Math.max(maxTimeMs, head.startMs + head.lastOffsets[slot]!)
      const ref = head.refs[slot]!
      if (inHead[ref] === 0) headSeries++
      inHead[ref] = 1
    }
    for (const late of head.late.values()) {
      for (const offset of late.positions.keys()) minTimeMs = Math.min(minTimeMs, head.startMs + offset)
    }
  }
  for (const { footer } of blocks) {
    minTimeMs = Math.min(minTimeMs, footer.minMs)
    maxTimeMs = Math.max(maxTimeMs, footer.maxMs)
  }
  return {
    headSeries,
    headSamples: windows.reduce((sum, { head }) => sum + head.samples, 0),
    blocks: blocks.length,
    blockSamples: blocks.reduce((sum, { footer }) => sum + footer.samples, 0),
    blockBytes: blocks.reduce((sum, { bytes }) => sum + bytes, 0),
    logBytes: windows.reduce((sum, { log }) => sum + log.length, 0),
    appendedSamples: counters.appended,
    duplicateSamples: counters.duplicates,
    outOfBoundsSamples: counters.outOfBounds,
    corruptions: counters.corruptions,
    minTimeMs: minTimeMs === Infinity ? undefined : minTimeMs,
    maxTimeMs: maxTimeMs === -Infinity ? undefined : maxTimeMs,
  }
}
