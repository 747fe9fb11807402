import type { Call } from '../syntax/ast.ts'
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

/** Writes the values of a series, one per step, to the cells of `out` from `first` on. */
export type FillSteps = (samples: RangeSeries, out: Vector, first: number) => void

/** A function of range vectors that gives its values one series at a time, all steps at once. */
export type RowFunction = (range: RangeVector, call: Call, query: Query) => FillSteps

/** Runs `fill` for each series of a range vector. */
export async function fillSeries(range: RangeVector, fill: FillSteps, query: Query): Promise<Vector> {
  const { series, grid } = range
  const steps = grid.count
  reserveCells(query, series.length, steps)
  const out = allocateVector(
    series.map(({ labels }) => labels),
    steps,
    Uint8Array.from(series, ({ dropName }) => (dropName === true ? 1 : 0)),
  )
  for (let i = 0; i < series.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    fill(series[i]!, out, i * steps)
  }
  return out
}

/**
 * Slides the windows of a range vector over each series. `prepare` is called once per series, so that a function
 * can look at all samples before the first window. A step with fewer than `minSamples` has no value.
 */
export function slideWindows(
  range: RangeVector,
  minSamples: number,
  prepare: (samples: RangeSeries) => WindowFunction,
  query: Query,
): Promise<Vector> {
  const { firstEndMs, stepMs, rangeMs, grid } = range
  const window: Window = { startMs: 0, endMs: 0, step: 0, evaluationMs: 0, absent: false }
  const fill: FillSteps = (samples, { values, present }, first) => {
    const apply = prepare(samples)
    const times = samples.timestamps
    const count = times.length
    let from = 0
    let to = 0
    for (let k = 0; k < grid.count; k++) {
      const endMs = firstEndMs + k * stepMs
      const startMs = endMs - rangeMs
      while (to < count && times[to]! <= endMs) to++
      while (from < to && times[from]! <= startMs) from++
      if (to - from < minSamples) continue
      window.startMs = startMs
      window.endMs = endMs
      window.step = k
      window.evaluationMs = grid.startMs + k * grid.stepMs
      values[first + k] = apply(samples, from, to, window)
      present[first + k] = window.absent ? 0 : 1
      window.absent = false
    }
  }
  return fillSeries(range, fill, query)
}
