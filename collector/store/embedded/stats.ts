import type { StorageStats } from '../storage.ts'
import { headBytes } from './head/window-head.ts'
import type { StoreState } from './state.ts'

/** What the store holds now; cheap, whatever the number of series. */
export function collectStats(state: StoreState): StorageStats {
  const { windows, blocks, counters } = state
  let minTimeMs = Infinity
  let maxTimeMs = -Infinity
  for (const { head } of windows) {
    minTimeMs = Math.min(minTimeMs, head.startMs + head.minOffset)
    maxTimeMs = Math.max(maxTimeMs, head.startMs + head.maxOffset)
  }
  for (const { footer } of blocks) {
    minTimeMs = Math.min(minTimeMs, footer.minMs)
    maxTimeMs = Math.max(maxTimeMs, footer.maxMs)
  }
  return {
    headSeries: state.activity.stored,
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
    series: {
      known: state.table.count,
      headBytes: windows.reduce((sum, { head }) => sum + headBytes(head), 0),
      refused: { ...state.admission.refused },
      exploding: state.admission.exploding,
    },
  }
}
