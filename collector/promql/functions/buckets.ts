import { labelKey, labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { filterLabels } from '../evaluate/labels.ts'
import type { CallInput } from '../evaluate/query.ts'
import type { Vector } from '../evaluate/values.ts'
import type { Span } from '../syntax/ast.ts'
import { parseNumber } from '../syntax/numbers.ts'
import { quote } from '../syntax/quoting.ts'

/** The buckets of one classic histogram at one step, by ascending bound; arrays are reused between steps. */
export interface Buckets {
  readonly bounds: Float64Array
  /** Cumulative counts. */
  readonly counts: Float64Array
  length: number
}

/** A classic histogram: the series that differ only in `le`, by ascending bound. */
export interface Histogram {
  /** With the metric name, without `le`. */
  readonly labels: LabelSet
  readonly series: readonly number[]
  readonly bounds: readonly number[]
  readonly dropName: boolean
}

/** Groups bucket series into histograms; a series without a usable `le` is left out with a warning. */
export function groupBuckets(vector: Vector, { query }: CallInput, span: Span): Histogram[] {
  const groups = new Map<string, { labels: LabelSet; members: { series: number; bound: number }[] }>()
  for (const [i, set] of vector.labels.entries()) {
    const le = labelValue(set, 'le')
    const bound = parseBound(le)
    if (bound === undefined) {
      const name = labelValue(set, metricNameLabel)
      query.annotations.warn(
        `bucket label "le" is missing or has a malformed value of ${quote(le)} for metric name ${quote(name)}`,
        span,
      )
      continue
    }
    const labels = filterLabels(set, (name) => name !== 'le')
    const key = labelKey(labels)
    const group = groups.get(key) ?? { labels, members: [] }
    groups.set(key, group)
    group.members.push({ series: i, bound })
  }
  return [...groups.values()].map(({ labels, members }) => {
    members.sort((a, b) => a.bound - b.bound)
    return {
      labels,
      series: members.map(({ series }) => series),
      bounds: members.map(({ bound }) => bound),
      dropName: members.some(({ series }) => vector.dropName[series] === 1),
    }
  })
}

function parseBound(text: string): number | undefined {
  const negative = text.startsWith('-')
  const value = parseNumber(negative || text.startsWith('+') ? text.slice(1) : text)
  return value === undefined ? undefined : negative ? -value : value
}

export function allocateBuckets(size: number): Buckets {
  return { bounds: new Float64Array(size), counts: new Float64Array(size), length: 0 }
}

/** Fills `into` with the buckets present at a step; equal bounds (le="1" and le="1.0") are added up. */
export function readBuckets(into: Buckets, histogram: Histogram, vector: Vector, step: number): void {
  into.length = 0
  for (const [j, series] of histogram.series.entries()) {
    const cell = series * vector.steps + step
    if (vector.present[cell] === 0) continue
    const bound = histogram.bounds[j]!
    if (into.length > 0 && into.bounds[into.length - 1] === bound) {
      into.counts[into.length - 1]! += vector.values[cell]!
      continue
    }
    into.bounds[into.length] = bound
    into.counts[into.length] = vector.values[cell]!
    into.length++
  }
}

/** Differences this small come from the rounding of rates, not from the data. */
const roundingTolerance = 1e-12

/** Raises counts that are lower than the bucket before; true when that was more than rounding. */
export function makeMonotonic(buckets: Buckets): boolean {
  let forced = false
  let previous = buckets.counts[0]!
  for (let i = 1; i < buckets.length; i++) {
    const count = buckets.counts[i]!
    if (almostEqual(previous, count)) buckets.counts[i] = previous
    else if (count < previous) {
      buckets.counts[i] = previous
      forced = true
    } else previous = count
  }
  return forced
}

function almostEqual(a: number, b: number): boolean {
  if (a === b) return true
  const sum = Math.abs(a) + Math.abs(b)
  return Math.abs(a - b) / Math.min(sum, Number.MAX_VALUE) < roundingTolerance
}
