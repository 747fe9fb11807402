import type { SeriesSamples } from '../../common/series/samples.ts'
import type { Query } from './evaluate/query.ts'
import { sortedByLabels } from './evaluate/select-cache.ts'
import { removeMarkedNames } from './evaluate/series-merge.ts'
import type { Grid, RangeVector, Value, Vector } from './evaluate/values.ts'
import type { InstantResult, MatrixResult, Remarks, VectorSample } from './result.ts'

/** The answer of an instant query. */
export async function instantResult(value: Value, timeMs: number, query: Query): Promise<InstantResult> {
  switch (value.kind) {
    case 'scalar':
      return { type: 'scalar', timeMs, value: value.values[0]!, ...remarks(query) }
    case 'string':
      return { type: 'string', timeMs, value: value.value, ...remarks(query) }
    case 'vector':
      return { type: 'vector', samples: await vectorSamples(value, timeMs, query), ...remarks(query) }
    case 'matrix':
      return { type: 'matrix', series: await windowSamples(value, query), ...remarks(query) }
  }
}

/** The answer of a range query; a scalar is one series without labels. */
export async function rangeResult(value: Value, grid: Grid, query: Query): Promise<MatrixResult> {
  switch (value.kind) {
    case 'scalar':
      return {
        type: 'matrix',
        series: [{ labels: [], timestamps: gridTimes(grid), values: value.values }],
        ...remarks(query),
      }
    case 'vector':
      return { type: 'matrix', series: await gridSamples(value, grid, query), ...remarks(query) }
    case 'string':
    case 'matrix':
      throw new Error(`a ${value.kind} passed the type check of a range query`)
  }
}

function remarks({ annotations }: Query): Remarks {
  return { warnings: [...annotations.warnings], infos: [...annotations.infos] }
}

async function vectorSamples(vector: Vector, timeMs: number, query: Query): Promise<VectorSample[]> {
  const { labels, values, present } = await removeMarkedNames(vector, query)
  const samples: VectorSample[] = []
  for (let i = 0; i < labels.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    if (present[i] === 1) samples.push({ labels: labels[i]!, timeMs, value: values[i]! })
  }
  return samples
}

function gridTimes(grid: Grid): Float64Array {
  const times = new Float64Array(grid.count)
  for (let k = 0; k < times.length; k++) times[k] = grid.startMs + k * grid.stepMs
  return times
}

async function gridSamples(vector: Vector, grid: Grid, query: Query): Promise<SeriesSamples[]> {
  const { labels, values, present, steps } = await removeMarkedNames(vector, query)
  const times = gridTimes(grid)
  const series: SeriesSamples[] = []
  for (let i = 0; i < labels.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    const first = i * steps
    const count = countPresent(present, first, steps)
    if (count === 0) continue
    const row = values.subarray(first, first + steps)
    series.push(
      count === steps
        ? { labels: labels[i]!, timestamps: times, values: row }
        : { labels: labels[i]!, ...presentSamples(times, row, present, first, count) },
    )
  }
  return sortedByLabels(series, query.pacer)
}

function countPresent(present: Uint8Array, first: number, steps: number): number {
  let count = 0
  for (let cell = first; cell < first + steps; cell++) count += present[cell]!
  return count
}

function presentSamples(
  times: Float64Array,
  row: Float64Array,
  present: Uint8Array,
  first: number,
  count: number,
): Pick<SeriesSamples, 'timestamps' | 'values'> {
  const start = present.indexOf(1, first) - first
  // Most series that do not fill the range have begun in it, or ended.
  if (countPresent(present, first + start, count) === count) {
    return { timestamps: times.subarray(start, start + count), values: row.subarray(start, start + count) }
  }
  const timestamps = new Float64Array(count)
  const values = new Float64Array(count)
  for (let k = 0, to = 0; k < row.length; k++) {
    if (present[first + k] === 0) continue
    timestamps[to] = times[k]!
    values[to++] = row[k]!
  }
  return { timestamps, values }
}

/** The samples inside the one window of a range vector. */
async function windowSamples(range: RangeVector, query: Query): Promise<SeriesSamples[]> {
  const endMs = range.firstEndMs
  const series: SeriesSamples[] = []
  for (const { labels, timestamps, values } of range.series) {
    if (query.pacer.due()) await query.pacer.pause()
    const inside = (timeMs: number): boolean => timeMs > endMs - range.rangeMs && timeMs <= endMs
    const from = timestamps.findIndex(inside)
    const to = timestamps.findLastIndex(inside) + 1
    if (from >= 0)
      series.push({ labels, timestamps: timestamps.slice(from, to), values: values.slice(from, to) })
  }
  return sortedByLabels(series, query.pacer)
}
