import type { Query } from '../evaluate/query.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import type { Window, WindowFunction } from '../evaluate/slide-windows.ts'
import type { RangeSeries, RangeVector, Vector } from '../evaluate/values.ts'

/*
 * Windows whose edges have a value of their own (Prometheus' proposal 52). anchored: the value at an edge is that
 * of the last sample before it. smoothed: it is interpolated between the samples around the edge. A sample further
 * from the edge than the lookback does not count; where there is none, the nearest one inside the window stands in.
 */

/** rate, increase and delta between the edge values; nothing is extrapolated. */
export function overEdges(
  range: RangeVector,
  { counter, perSecond }: { counter: boolean; perSecond: boolean },
  query: Query,
): Promise<Vector> {
  const smoothed = range.edges === 'smoothed'
  const difference: WindowFunction = (samples, from, to, window) => {
    const { timestamps, values } = samples
    const before = previousIndex(samples, from, window, query.lookbackMs)
    const next = timestamps[to]
    const after = smoothed && next !== undefined && next <= window.endMs + query.lookbackMs ? to : -1
    if (from === to && (!smoothed || after < 0 || before < 0)) {
      window.absent = true
      return 0
    }
    const first = from < to ? from : before
    const left =
      smoothed && before >= 0
        ? interpolate(samples, before, window.startMs, counter)
        : values[before >= 0 ? before : first]!
    const last = to - 1
    const right = after >= 0 ? interpolate(samples, last, window.endMs, counter) : values[last]!
    let total = right - left
    if (counter) {
      let previous = left
      for (let i = from; i < to; i++) {
        if (values[i]! < previous) total += previous
        previous = values[i]!
      }
      if (right < previous) total += previous
    }
    return perSecond ? total / (range.rangeMs / 1000) : total
  }
  return slideWindows(range, 0, () => difference, query)
}

/** `count` over the samples of each window and the one that holds at its left edge. */
export function withAnchor(range: RangeVector, count: WindowFunction, query: Query): Promise<Vector> {
  const anchored: WindowFunction = (samples, from, to, window) => {
    const before = previousIndex(samples, from, window, query.lookbackMs)
    return count(samples, before >= 0 ? before : from, to, window)
  }
  return slideWindows(range, 1, () => anchored, query)
}

function previousIndex(samples: RangeSeries, from: number, window: Window, lookbackMs: number): number {
  return from > 0 && samples.timestamps[from - 1]! > window.startMs - lookbackMs ? from - 1 : -1
}

/** The value at `timeMs` on the line from sample i to the next; a counter that was reset starts from zero. */
function interpolate(
  { timestamps, values }: RangeSeries,
  i: number,
  timeMs: number,
  counter: boolean,
): number {
  const end = values[i + 1]
  if (end === undefined || timestamps[i] === timeMs) return values[i]!
  const start = counter && end < values[i]! ? 0 : values[i]!
  return start + ((end - start) * (timeMs - timestamps[i]!)) / (timestamps[i + 1]! - timestamps[i]!)
}
