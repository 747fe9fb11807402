import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import type { RangeSeries, RangeVector } from '../evaluate/values.ts'
import { overEdges } from './edges.ts'
import { overWindows, rangeArgument } from './implement.ts'

const counterSuffix = /_(?:total|sum|count|bucket)$/

/**
 * rate, increase and delta: the difference between the last and the first sample of the window, plus what was
 * lost at counter resets, extrapolated to the edges of the window. The extrapolation stops half a sample interval
 * beyond the samples when the edge is further than 1.1 intervals away, and never goes below zero for a counter.
 * Source: Prometheus' documentation of rate() and its design of extrapolation.
 */
function extrapolated(counter: boolean, perSecond: boolean): FunctionImplementation {
  return async (input) => {
    const range = rangeArgument(input)
    if (range.edges !== undefined) {
      return dropNames(await overEdges(range, { counter, perSecond }, input.query), input.query)
    }
    const prepare = counter
      ? (samples: RangeSeries): WindowFunction =>
          overCounter(range.rangeMs, perSecond, resetsOf(samples.values))
      : (): WindowFunction => overGauge(range.rangeMs, perSecond)
    const vector = await slideWindows(range, 2, prepare, input.query)
    if (counter) {
      noteNonCounters(range, vector.present, (name) =>
        input.query.annotations.info(
          `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "${name}"`,
          input.call.args[0]!.span,
        ),
      )
    }
    return dropNames(vector, input.query)
  }
}

/** Indexes of the samples that are lower than the one before; shared by the windows of a series. */
function resetsOf(values: Float64Array): readonly number[] {
  let resets: number[] = noResets
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[i - 1]!) {
      if (resets === noResets) resets = []
      resets.push(i)
    }
  }
  return resets
}
const noResets: number[] = []

function overCounter(rangeMs: number, perSecond: boolean, resets: readonly number[]): WindowFunction {
  // Windows move to the right, so resets before the window in hand are never needed again.
  let nextReset = 0
  return (samples, from, to, window) => {
    const { values } = samples
    const first = values[from]!
    let difference = values[to - 1]! - first
    while (nextReset < resets.length && resets[nextReset]! <= from) nextReset++
    for (let r = nextReset; r < resets.length && resets[r]! < to; r++) difference += values[resets[r]! - 1]!
    const sampledMs = samples.timestamps[to - 1]! - samples.timestamps[from]!
    const zeroMs = difference > 0 && first >= 0 ? sampledMs * (first / difference) : Infinity
    const factor = extrapolation(samples.timestamps, from, to, window, zeroMs)
    return difference * (perSecond ? factor / (rangeMs / 1000) : factor)
  }
}

function overGauge(rangeMs: number, perSecond: boolean): WindowFunction {
  return (samples, from, to, window) => {
    const difference = samples.values[to - 1]! - samples.values[from]!
    const factor = extrapolation(samples.timestamps, from, to, window, Infinity)
    return difference * (perSecond ? factor / (rangeMs / 1000) : factor)
  }
}

/** By how much longer the extrapolated stretch is than the sampled one; it starts at most `zeroMs` earlier. */
function extrapolation(
  times: Float64Array,
  from: number,
  to: number,
  window: { startMs: number; endMs: number },
  zeroMs: number,
): number {
  const sampledMs = times[to - 1]! - times[from]!
  const intervalMs = sampledMs / (to - 1 - from)
  const thresholdMs = intervalMs * 1.1
  let beforeMs = times[from]! - window.startMs
  let afterMs = window.endMs - times[to - 1]!
  if (beforeMs >= thresholdMs) beforeMs = intervalMs / 2
  if (zeroMs < beforeMs) beforeMs = zeroMs
  if (afterMs >= thresholdMs) afterMs = intervalMs / 2
  return (sampledMs + beforeMs + afterMs) / sampledMs
}

function noteNonCounters(range: RangeVector, present: Uint8Array, note: (name: string) => void): void {
  const steps = range.grid.count
  let last = ''
  for (const [i, series] of range.series.entries()) {
    const name = labelValue(series.labels, metricNameLabel)
    if (name === last || name === '' || counterSuffix.test(name)) continue
    if (!present.subarray(i * steps, (i + 1) * steps).includes(1)) continue
    note(name)
    last = name
  }
}

const lastPair =
  (counter: boolean, perSecond: boolean): WindowFunction =>
  (samples, _from, to) => {
    const last = samples.values[to - 1]!
    const previous = samples.values[to - 2]!
    const difference = counter && last < previous ? last : last - previous
    if (!perSecond) return difference
    return difference / ((samples.timestamps[to - 1]! - samples.timestamps[to - 2]!) / 1000)
  }

/** How fast a series changes. */
export const rateFunctions: Readonly<Record<string, FunctionImplementation>> = {
  rate: extrapolated(true, true),
  increase: extrapolated(true, false),
  delta: extrapolated(false, false),
  irate: overWindows(lastPair(true, true), { minSamples: 2 }),
  idelta: overWindows(lastPair(false, false), { minSamples: 2 }),
}
