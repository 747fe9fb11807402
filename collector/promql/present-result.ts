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
  return Float64Array.from({ length: grid.count }, (_, k) => grid.startMs + k * grid.stepMs)
}

async function gridSamples(vector: Vector, grid: Grid, query: Query): Promise<SeriesSamples[]> {
  const { labels, values, present, steps } = await removeMarkedNames(vector, query)
  const times = gridTimes(grid)
  const series: SeriesSamples[] = []
  for (let i = 0; i < labels.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    const flags = present.subarray(i * steps, (i + 1) * steps)
    const row = values.subarray(i * steps, (i + 1) * steps)
    if (!flags.includes(0)) series.push({ labels: labels[i]!, timestamps: times, values: row })
    else if (flags.includes(1)) {
      const keep = (_: number, k: number): boolean => flags[k] === 1
      series.push({ labels: labels[i]!, timestamps: times.filter(keep), values: row.filter(keep) })
    }
  }
  return sortedByLabels(series, query.pacer)
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
