import type { SeriesSamples } from '../../../common/series/samples.ts'
import { isStaleAt } from '../../../common/series/stale.ts'
import type { RangeSelector, VectorSelector } from '../syntax/ast.ts'
import { reserveCells } from './query.ts'
import type { Query } from './query.ts'
import { allocateVector } from './values.ts'
import type { Grid, Vector } from './values.ts'
import { selectSeries } from './select-series.ts'
import { selectorWindow } from './windows.ts'

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
  const { firstMs, stepMs, rangeMs, fromMs, toMs } = selectorWindow(window ?? selector, grid, query)
  const series = await selectSeries(selector, fromMs, toMs, query)
  reserveCells(query, series.length, grid.count)
  const out = allocateVector(
    series.map(({ labels }) => labels),
    grid.count,
  )
  for (let i = 0; i < series.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    const { timestamps: times, values } = series[i]!
    // Of an instant query nothing is selected beyond its one time: the latest sample is the last.
    let next = grid.count === 1 && times[times.length - 1]! <= firstMs ? times.length : 0
    for (let k = 0; k < grid.count; k++) {
      const timeMs = firstMs + k * stepMs
      while (next < times.length && times[next]! <= timeMs) next++
      const latest = next - 1
      if (latest < 0 || times[latest]! <= timeMs - rangeMs) continue
      const value = values[latest]!
      if (value !== value && isStaleAt(values, latest)) continue
      const cell = i * grid.count + k
      out.present[cell] = 1
      if (timestamps) out.values[cell] = times[latest]! / 1000
      else
        out.values[cell] = selector.edges === 'smoothed' ? between(series[i]!, latest, timeMs, toMs) : value
    }
  }
  return out
}

/** The value at `timeMs` on the line to the next sample, if one comes soon enough and the series goes on there. */
function between({ timestamps, values }: SeriesSamples, i: number, timeMs: number, toMs: number): number {
  const nextMs = timestamps[i + 1]
  if (nextMs === undefined || nextMs > toMs || isStaleAt(values, i + 1)) return values[i]!
  const share = (timeMs - timestamps[i]!) / (nextMs - timestamps[i]!)
  return values[i]! + (values[i + 1]! - values[i]!) * share
}
