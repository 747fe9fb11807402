import { reserveCells } from './query.ts'
import type { Query } from './query.ts'
import { allocateVector } from './values.ts'
import type { RangeSeries, RangeVector, Vector } from './values.ts'

/** The window in hand; one object is reused for all of them. */
export interface Window {
  /** Times are (startMs, endMs]. */
  startMs: number
  endMs: number
  /** Index of the step, and its evaluation time, which an offset or @ moves away from endMs. */
  step: number
  evaluationMs: number
  /** Set by a function that has no value for this window. */
  absent: boolean
}

/** The value of samples[from] ... samples[to - 1]; there are at least as many as the function asked for. */
export type WindowFunction = (samples: RangeSeries, from: number, to: number, window: Window) => number

/**
 * Slides the windows of a range vector over each series. `prepare` is called once per series, so that a function
 * can look at all samples before the first window. A step with fewer than `minSamples` has no value.
 */
export async function slideWindows(
  range: RangeVector,
  minSamples: number,
  prepare: (samples: RangeSeries) => WindowFunction,
  query: Query,
): Promise<Vector> {
  const { series, firstEndMs, stepMs, rangeMs, grid } = range
  const steps = grid.count
  reserveCells(query, series.length, steps)
  const out = allocateVector(
    series.map(({ labels }) => labels),
    steps,
    Uint8Array.from(series, ({ dropName }) => (dropName ? 1 : 0)),
  )
  const window: Window = { startMs: 0, endMs: 0, step: 0, evaluationMs: 0, absent: false }
  for (let i = 0; i < series.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    const samples = series[i]!
    const apply = prepare(samples)
    const times = samples.timestamps
    const count = times.length
    let from = 0
    let to = 0
    for (let k = 0; k < steps; k++) {
      const endMs = firstEndMs + k * stepMs
      const startMs = endMs - rangeMs
      while (to < count && times[to]! <= endMs) to++
      while (from < to && times[from]! <= startMs) from++
      if (to - from < minSamples) continue
      window.startMs = startMs
      window.endMs = endMs
      window.step = k
      window.evaluationMs = grid.startMs + k * grid.stepMs
      const cell = i * steps + k
      out.values[cell] = apply(samples, from, to, window)
      out.present[cell] = window.absent ? 0 : 1
      window.absent = false
    }
  }
  return out
}
