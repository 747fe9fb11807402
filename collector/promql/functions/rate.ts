import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { fillSeries } from '../evaluate/slide-windows.ts'
import type { FillSteps, WindowFunction } from '../evaluate/slide-windows.ts'
import type { RangeVector } from '../evaluate/values.ts'
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
    const vector = await fillSeries(range, differences(range, counter, perSecond), input.query)
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

/** One loop without calls: most of what dashboards ask is made of it. */
function differences(
  { firstEndMs, stepMs, rangeMs, grid }: RangeVector,
  counter: boolean,
  perSecond: boolean,
): FillSteps {
  const divisor = perSecond ? rangeMs / 1000 : 1
  const steps = grid.count
  return ({ timestamps: times, values }, out, first) => {
    const { values: outValues, present: outPresent } = out
    const resets = counter ? resetsOf(values) : noResets
    const count = times.length
    // Windows move to the right, so resets before the window in hand are never needed again.
    let nextReset = 0
    let from = 0
    let to = 0
    for (let k = 0; k < steps; k++) {
      const endMs = firstEndMs + k * stepMs
      const startMs = endMs - rangeMs
      while (to < count && times[to]! <= endMs) to++
      while (from < to && times[from]! <= startMs) from++
      if (to - from < 2) continue
      const firstMs = times[from]!
      const lastMs = times[to - 1]!
      const value = values[from]!
      let difference = values[to - 1]! - value
      while (nextReset < resets.length && resets[nextReset]! <= from) nextReset++
      for (let r = nextReset; r < resets.length && resets[r]! < to; r++) difference += values[resets[r]! - 1]!
      const sampledMs = lastMs - firstMs
      const intervalMs = sampledMs / (to - 1 - from)
      const thresholdMs = intervalMs * 1.1
      let beforeMs = firstMs - startMs
      let afterMs = endMs - lastMs
      if (beforeMs >= thresholdMs) beforeMs = intervalMs / 2
      // The counter has grown from zero at this pace since zeroMs; not within the window if it started as high as it grew.
      if (counter && difference > 0 && value >= 0 && (value < difference || beforeMs > sampledMs)) {
        const zeroMs = sampledMs * (value / difference)
        if (zeroMs < beforeMs) beforeMs = zeroMs
      }
      if (afterMs >= thresholdMs) afterMs = intervalMs / 2
      const factor = (sampledMs + beforeMs + afterMs) / sampledMs
      outValues[first + k] = difference * (factor / divisor)
      outPresent[first + k] = 1
    }
  }
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
