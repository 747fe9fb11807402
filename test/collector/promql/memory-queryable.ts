import { compileAnchored } from '../../../collector/promql/syntax/regex.ts'
import type { Queryable } from '../../../collector/promql/queryable.ts'
import { labelKey, labelValue } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'

interface StoredSeries {
  readonly labels: LabelSet
  readonly timestamps: Float64Array
  readonly values: Float64Array
}

/** A store in an array. `selections` counts what the engine asked for. */
export interface MemoryQueryable extends Queryable {
  /** Adds samples; those of a series already known are merged by time, the newer call winning. */
  add(labels: LabelSet, timestamps: Float64Array, values: Float64Array): void
  clear(): void
  selections: number
}

export function createMemoryQueryable(): MemoryQueryable {
  const stored = new Map<string, StoredSeries>()
  const queryable: MemoryQueryable = {
    selections: 0,
    add: (labels, timestamps, values) => {
      const key = labelKey(labels)
      const known = stored.get(key)
      stored.set(key, known === undefined ? { labels, timestamps, values } : merge(known, timestamps, values))
    },
    clear: () => {
      stored.clear()
    },
    select: (matchers, fromMs, toMs) => {
      queryable.selections++
      const found: SeriesSamples[] = []
      const accepts = matchers.map(createTest)
      for (const series of stored.values()) {
        if (!accepts.every((accept) => accept(series.labels))) continue
        const from = series.timestamps.findIndex((timeMs) => timeMs >= fromMs)
        const to = series.timestamps.findLastIndex((timeMs) => timeMs <= toMs) + 1
        if (from < 0 || to <= from) continue
        found.push({
          labels: series.labels,
          timestamps: series.timestamps.slice(from, to),
          values: series.values.slice(from, to),
        })
      }
      return Promise.resolve(found)
    },
  }
  return queryable
}

function createTest(matcher: Matcher): (labels: LabelSet) => boolean {
  const { name, operator, value } = matcher
  if (operator === '=') return (labels) => labelValue(labels, name) === value
  if (operator === '!=') return (labels) => labelValue(labels, name) !== value
  const regex = compileAnchored(value)
  const wanted = operator === '=~'
  return (labels) => regex.matches(labelValue(labels, name)) === wanted
}

function merge(known: StoredSeries, timestamps: Float64Array, values: Float64Array): StoredSeries {
  // By index and not by value: a stale marker is a NaN whose bits have to be moved, not its number.
  const both = [...pairs(known.timestamps, known.values, 0), ...pairs(timestamps, values, 1)]
  both.sort((a, b) => a.timeMs - b.timeMs || a.age - b.age)
  const kept = both.filter((sample, i) => both[i + 1]?.timeMs !== sample.timeMs)
  const out = new Float64Array(kept.length)
  for (const [i, sample] of kept.entries()) {
    out.set(sample.values.subarray(sample.index, sample.index + 1), i)
  }
  return { labels: known.labels, timestamps: Float64Array.from(kept, ({ timeMs }) => timeMs), values: out }
}

function pairs(
  timestamps: Float64Array,
  values: Float64Array,
  age: number,
): { timeMs: number; values: Float64Array; index: number; age: number }[] {
  return Array.from(timestamps, (timeMs, index) => ({ timeMs, values, index, age }))
}
