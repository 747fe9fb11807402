import { labelKey, labelValue } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { concatenate } from '../evaluate/concatenate.ts'
import { filterLabels, withLabel } from '../evaluate/labels.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import { takeSeries } from '../evaluate/take-series.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'
import { parseNumber } from '../syntax/numbers.ts'
import { groupBuckets } from './buckets.ts'
import { scalarArgument, vectorArgument } from './implement.ts'

/** A VictoriaMetrics bucket: how many observations lie in (start, end]. */
interface RangeBucket {
  readonly series: number
  readonly start: number
  readonly end: number
  /** As they are written, which is how `le` shows them. */
  readonly texts: readonly string[]
}

/**
 * Classic cumulative buckets (label le) made of those that VictoriaMetrics' client library writes (label vmrange,
 * `1.000e-01...2.154e-01`). Series with le pass, those with neither are left out. Source: documentation of
 * prometheus_buckets() in MetricsQL.
 */
const prometheusBuckets: FunctionImplementation = async (input) => {
  const vector = vectorArgument(input)
  const groups = new Map<string, { labels: LabelSet; buckets: RangeBucket[] }>()
  const classic: number[] = []
  for (const [i, labels] of vector.labels.entries()) {
    const bounds = labelValue(labels, 'vmrange').split('...')
    const [start, end] = [boundOf(bounds[0]), boundOf(bounds[1])]
    if (start === undefined || end === undefined) {
      if (labelValue(labels, 'le') !== '') classic.push(i)
      continue
    }
    const rest = filterLabels(labels, (name) => name !== 'vmrange' && name !== 'le')
    const key = labelKey(rest)
    const group = groups.get(key) ?? { labels: rest, buckets: [] }
    groups.set(key, group)
    group.buckets.push({ series: i, start, end, texts: bounds })
  }
  const parts = [takeSeries(vector, classic)]
  for (const { labels, buckets } of groups.values()) {
    if (input.query.pacer.due()) await input.query.pacer.pause()
    parts.push(cumulative(vector, labels, buckets))
  }
  return concatenate(parts, vector.steps, input.query)
}

function boundOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const number = parseNumber(text.replace(/^[+-]/, ''))
  return number !== undefined && text.startsWith('-') ? -number : number
}

/** Bounds are the ends of the ranges, and each start that no other range ends at, so that no bucket is too wide. */
function cumulative(vector: Vector, labels: LabelSet, buckets: readonly RangeBucket[]): Vector {
  const { steps } = vector
  const bounds = new Map([[Infinity, '+Inf']])
  for (const { start, end, texts } of buckets) {
    if (start > 0 && !bounds.has(start)) bounds.set(start, texts[0]!)
    if (!bounds.has(end)) bounds.set(end, texts[1]!)
  }
  const sorted = [...bounds.keys()].sort((a, b) => a - b)
  const out = allocateVector(
    sorted.map((bound) => withLabel(labels, 'le', bounds.get(bound)!)),
    steps,
  )
  for (const { series, end } of buckets) {
    for (let k = 0; k < steps; k++) {
      const cell = series * steps + k
      if (vector.present[cell] === 0) continue
      for (const [row, bound] of sorted.entries()) {
        out.present[row * steps + k] = 1
        if (bound >= end) out.values[row * steps + k]! += vector.values[cell]!
      }
    }
  }
  return out
}

/** At most so many buckets per histogram: those that hold least go first, the lowest and the highest stay. */
const bucketsLimit: FunctionImplementation = (input) => {
  const limit = Math.max(3, Math.trunc(scalarArgument(input, 0).values[0]!))
  const vector = vectorArgument(input, 1)
  const kept: number[] = []
  for (const { series } of groupBuckets(vector, input, input.call.args[1]!.span)) {
    const rows = [...series]
    const hits = (row: number): number => totalOf(vector, row)
    // How many observations a bucket and the one that would take them over hold together.
    const merged = (i: number): number => hits(rows[i + 1]!) - hits(rows[i - 1]!)
    while (rows.length > limit) {
      let least = 1
      for (let i = 2; i < rows.length - 2; i++) if (merged(i) < merged(least)) least = i
      rows.splice(least, 1)
    }
    kept.push(...rows)
  }
  return takeSeries(vector, kept)
}

function totalOf({ values, present, steps }: Vector, row: number): number {
  let total = 0
  for (let cell = row * steps; cell < (row + 1) * steps; cell++)
    if (present[cell] === 1) total += values[cell]!
  return total
}

export const metricsqlBucketFunctions: Readonly<Record<string, FunctionImplementation>> = {
  prometheus_buckets: prometheusBuckets,
  buckets_limit: bucketsLimit,
}
