import type { SeriesSamples } from '../../../common/series/samples.ts'
import { isStaleAt } from '../../../common/series/stale.ts'
import type { Edges, RangeSelector, Subquery } from '../syntax/ast.ts'
import type { Query } from './query.ts'
import type { Grid, RangeSeries, RangeVector, Vector } from './values.ts'
import { selectSeries } from './select-series.ts'
import { typicalGapMs } from './typical-gap.ts'
import { leastGapsOf, selectorWindow, subqueryWindow } from './windows.ts'

/** The samples of a range selector, without stale markers. */
export async function selectRange(
  node: RangeSelector,
  grid: Grid,
  query: Query,
  edges = node.selector.edges,
): Promise<RangeVector> {
  const window = selectorWindow(node, grid, query, edges)
  const { firstMs, stepMs, rangeMs } = window
  const found = await selectSeries(node.selector, window, query)
  const series: RangeSeries[] = found.slice()
  // By index: an iterator makes an object for each, and there are thousands.
  for (let i = 0; i < series.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    series[i] = withoutStale(found[i]!)
  }
  const gaps = leastGapsOf(node)
  const leastMs = gaps === 0 ? 0 : Math.min(query.lookbackMs, Math.ceil(gaps * typicalGapMs(series)))
  return {
    ...{ kind: 'matrix', series, firstEndMs: firstMs, stepMs, edges, grid },
    rangeMs: Math.max(rangeMs, leastMs),
  }
}

function withoutStale(samples: SeriesSamples): RangeSeries {
  const { labels, timestamps, values, isAscending } = samples
  const stale = isAscending === true ? 0 : countStale(values)
  if (stale === 0) return samples
  const keptTimes = new Float64Array(values.length - stale)
  const keptValues = new Float64Array(values.length - stale)
  let kept = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value !== value && isStaleAt(values, i)) continue
    keptTimes[kept] = timestamps[i]!
    keptValues[kept] = value
    kept++
  }
  return { labels, timestamps: keptTimes, values: keptValues, isAscending: false }
}

function countStale(values: Float64Array): number {
  let stale = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value !== value && isStaleAt(values, i)) stale++
  }
  return stale
}

/** The points of a subquery as samples; `evaluateInner` evaluates its expression on the given grid. */
export async function selectSubquery(
  node: Subquery,
  grid: Grid,
  query: Query,
  evaluateInner: (inner: Grid) => Promise<Vector>,
  edges?: Edges,
): Promise<RangeVector> {
  const { firstMs, stepMs, rangeMs, inner } = subqueryWindow(node, grid, query, edges)
  const series = inner.count === 0 ? [] : pointsAsSamples(await evaluateInner(inner), inner)
  return { kind: 'matrix', series, firstEndMs: firstMs, stepMs, rangeMs, edges, grid }
}

function pointsAsSamples(vector: Vector, grid: Grid): RangeSeries[] {
  const allTimes = new Float64Array(grid.count)
  for (let k = 0; k < grid.count; k++) allTimes[k] = grid.startMs + k * grid.stepMs
  return vector.labels.map((labels, i) => {
    const start = i * grid.count
    const present = vector.present.subarray(start, start + grid.count)
    const dropName = vector.dropName[i] === 1
    const all = vector.values.subarray(start, start + grid.count)
    if (!present.includes(0)) return { labels, timestamps: allTimes, values: all, dropName }
    const kept = present.reduce((sum, flag) => sum + flag, 0)
    const timestamps = new Float64Array(kept)
    const values = new Float64Array(kept)
    for (let k = 0, j = 0; k < grid.count; k++) {
      if (present[k] === 0) continue
      timestamps[j] = allTimes[k]!
      values[j++] = all[k]!
    }
    return { labels, timestamps, values, dropName }
  })
}
