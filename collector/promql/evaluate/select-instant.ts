import type { SeriesSamples } from '../../../common/series/samples.ts'
import { isStaleAt } from '../../../common/series/stale.ts'
import type { RangeSelector, VectorSelector } from '../syntax/ast.ts'
import { reserveCells } from './query.ts'
import type { Query } from './query.ts'
import { allocateVector } from './values.ts'
import type { Grid, Vector } from './values.ts'
import { selectSeries } from './select-series.ts'
import { selectorWindow } from './windows.ts'
import type { SelectorWindow } from './windows.ts'

/**
 * The latest sample of each series at each step, unless it is older than the lookback (left end excluded) or a
 * stale marker. With `timestamps` the time of that sample in seconds instead of its value. A `window` is looked back
 * by instead of the lookback.
 */
export async function selectInstant(
  selector: VectorSelector,
  grid: Grid,
  query: Query,
  timestamps: boolean,
  window?: RangeSelector,
): Promise<Vector> {
  const times = selectorWindow(window ?? selector, grid, query)
  const series = await selectSeries(selector, times, query)
  reserveCells(query, series.length, grid.count)
  const out = allocateVector(
    series.map(({ labels }) => labels),
    grid.count,
  )
  const fill = timestamps ? fillTimes : selector.edges === 'smoothed' ? fillBetween : fillValues
  for (let i = 0; i < series.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    fill(series[i]!, times, out, i * grid.count)
  }
  return out
}

/** Writes the cells of one series from `first` on. */
type Fill = (samples: SeriesSamples, times: SelectorWindow, out: Vector, first: number) => void

const fillValues: Fill = ({ timestamps, values }, { firstMs, stepMs, rangeMs }, out, first) => {
  const { steps, values: outValues, present } = out
  const count = timestamps.length
  let next = startOf(timestamps, steps, firstMs)
  for (let k = 0; k < steps; k++) {
    const timeMs = firstMs + k * stepMs
    while (next < count && timestamps[next]! <= timeMs) next++
    if (next === 0 || timestamps[next - 1]! <= timeMs - rangeMs) continue
    const value = values[next - 1]!
    if (value !== value && isStaleAt(values, next - 1)) continue
    present[first + k] = 1
    outValues[first + k] = value
  }
}

/** Of an instant query nothing is selected beyond its one time: the latest sample is the last. */
function startOf(timestamps: Float64Array, steps: number, firstMs: number): number {
  return steps === 1 && timestamps[timestamps.length - 1]! <= firstMs ? timestamps.length : 0
}

const fillBetween: Fill = (samples, times, out, first) => {
  eachLatest(samples, times, out, (k, latest, timeMs) => {
    out.values[first + k] = between(samples, latest, timeMs, times.toMs)
    out.present[first + k] = 1
  })
}

const fillTimes: Fill = (samples, times, out, first) => {
  eachLatest(samples, times, out, (k, latest) => {
    out.values[first + k] = samples.timestamps[latest]! / 1000
    out.present[first + k] = 1
  })
}

/** Calls `take` for each step that has a latest sample, with the index of that. */
function eachLatest(
  { timestamps, values }: SeriesSamples,
  { firstMs, stepMs, rangeMs }: SelectorWindow,
  { steps }: Vector,
  take: (step: number, latest: number, timeMs: number) => void,
): void {
  let next = startOf(timestamps, steps, firstMs)
  for (let k = 0; k < steps; k++) {
    const timeMs = firstMs + k * stepMs
    while (next < timestamps.length && timestamps[next]! <= timeMs) next++
    const latest = next - 1
    if (latest < 0 || timestamps[latest]! <= timeMs - rangeMs || isStaleAt(values, latest)) continue
    take(k, latest, timeMs)
  }
}

/** The value at `timeMs` on the line to the next sample, if one comes soon enough and the series goes on there. */
function between({ timestamps, values }: SeriesSamples, i: number, timeMs: number, toMs: number): number {
  const nextMs = timestamps[i + 1]
  if (nextMs === undefined || nextMs > toMs || isStaleAt(values, i + 1)) return values[i]!
  const share = (timeMs - timestamps[i]!) / (nextMs - timestamps[i]!)
  return values[i]! + (values[i + 1]! - values[i]!) * share
}
