import { labelKey, labelRecord } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import { matchesAny } from '../promql/matches-any.ts'

interface Column {
  readonly labels: LabelSet
  readonly record: Readonly<Record<string, string>>
  timestamps: Float64Array
  values: Float64Array
  count: number
}

/** Samples in memory, for as long as a unit test lasts. */
export interface MemoryStore {
  /** Times of a series only grow; a second sample at one time takes the place of the first. */
  append(timestampMs: number, series: readonly LabelSet[], values: Float64Array): Promise<void>
  select(matchers: readonly Matcher[], fromMs: number, toMs: number): Promise<SeriesSamples[]>
}

export function createMemoryStore(): MemoryStore {
  const columns = new Map<string, Column>()
  return {
    append(timestampMs, series, values) {
      for (const [i, labels] of series.entries()) {
        const key = labelKey(labels)
        let column = columns.get(key)
        if (column === undefined) {
          const [timestamps, empty] = [new Float64Array(16), new Float64Array(16)]
          column = { labels, record: labelRecord(labels), timestamps, values: empty, count: 0 }
          columns.set(key, column)
        }
        if (column.count === 0 || column.timestamps[column.count - 1] !== timestampMs) column.count++
        if (column.count > column.timestamps.length) {
          column.timestamps = grown(column.timestamps)
          column.values = grown(column.values)
        }
        column.timestamps[column.count - 1] = timestampMs
        // A view, and not the number: a stale marker is a NaN whose bits count.
        column.values.set(values.subarray(i, i + 1), column.count - 1)
      }
      return Promise.resolve()
    },
    select(matchers, fromMs, toMs) {
      const found: SeriesSamples[] = []
      for (const { labels, record, timestamps, values, count } of columns.values()) {
        if (!matchesAny(record, [matchers])) continue
        const from = firstAtOrAfter(timestamps, count, fromMs)
        const to = firstAtOrAfter(timestamps, count, toMs + 1)
        if (from >= to) continue
        found.push({ labels, timestamps: timestamps.slice(from, to), values: values.slice(from, to) })
      }
      return Promise.resolve(found)
    },
  }
}

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}

function firstAtOrAfter(timestamps: Float64Array, count: number, timeMs: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (timestamps[middle]! < timeMs) low = middle + 1
    else high = middle
  }
  return low
}
