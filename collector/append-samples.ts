import type { LabelSet } from '../common/series/label-set.ts'

interface SampleSink {
  /** Negative for a series that a limit refuses. */
  seriesRef(labels: LabelSet): number
  readonly refGeneration: number
  append(
    refs: Uint32Array,
    timestamps: Float64Array,
    values: Float64Array,
    count: number,
    generation: number,
  ): Promise<unknown>
}

/** Stores one sample per series, all of one moment: what rules produce. Refused series are left out. */
export function createAppendSamples(
  sink: SampleSink,
): (timestampMs: number, series: readonly LabelSet[], values: Float64Array) => Promise<void> {
  return async (timestampMs, series, values) => {
    const refs = new Uint32Array(series.length)
    const stored = new Float64Array(series.length)
    let count = 0
    const { refGeneration } = sink
    for (const [i, labels] of series.entries()) {
      const ref = sink.seriesRef(labels)
      if (ref < 0) continue
      refs[count] = ref
      // set() moves the value's bits: a stale marker is its bits.
      stored.set(values.subarray(i, i + 1), count++)
    }
    if (count > 0)
      await sink.append(refs, new Float64Array(count).fill(timestampMs), stored, count, refGeneration)
  }
}
