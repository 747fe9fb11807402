import type { LabelSet } from '../common/series/label-set.ts'

interface SampleSink {
  seriesRef(labels: LabelSet): number
  append(refs: Uint32Array, timestamps: Float64Array, values: Float64Array, count: number): Promise<unknown>
}

/** Stores one sample per series, all of one moment: what rules produce. */
export function createAppendSamples(
  sink: SampleSink,
): (timestampMs: number, series: readonly LabelSet[], values: Float64Array) => Promise<void> {
  return async (timestampMs, series, values) => {
    const refs = Uint32Array.from(series, (labels) => sink.seriesRef(labels))
    await sink.append(refs, new Float64Array(series.length).fill(timestampMs), values, series.length)
  }
}
