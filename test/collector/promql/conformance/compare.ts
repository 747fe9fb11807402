import type { InstantResult, VectorSample } from '../../../../collector/promql/result.ts'
import { compareLabelSets, labelKey } from '../../../../common/series/label-set.ts'
import type { LabelSet } from '../../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../../common/series/samples.ts'
import { parseSeriesLine, parseValue } from './series-notation.ts'
import type { SeriesItem } from './series-notation.ts'
import type { EvalStatement } from './test-file.ts'

const epsilon = 1e-6
const minNormal = 2.2250738585072014e-308

/** The tolerance of the reference: relative 1e-6, and next to nothing around zero. */
export function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true
  if (a === b) return true
  const sum = Math.abs(a) + Math.abs(b)
  const difference = Math.abs(a - b)
  if (a === 0 || b === 0 || sum < minNormal) return difference < epsilon * minNormal
  return difference / Math.min(sum, Number.MAX_VALUE) < epsilon
}

/** Why a result is not the expected one, or undefined. */
export function difference(statement: EvalStatement, result: InstantResult): string | undefined {
  if (statement.text !== undefined) {
    return result.type === 'string' && result.value === statement.text ? undefined : `got ${result.type}`
  }
  if (result.type === 'scalar') {
    const wanted = statement.results[0]
    if (wanted === undefined) return `got scalar ${result.value}`
    return almostEqual(parseValue(wanted), result.value) ? undefined : `got scalar ${result.value}`
  }
  const wanted = statement.results.map(parseResult)
  if (result.type === 'vector') return compareVector(wanted, result.samples, statement.ordered)
  if (result.type === 'matrix') return compareMatrix(statement, wanted, result.series)
  return `got string ${result.value}`
}

interface Wanted {
  readonly labels: LabelSet
  readonly items: readonly SeriesItem[]
}

function parseResult(line: string): Wanted {
  return parseSeriesLine(line)
}

function compareVector(
  wanted: readonly Wanted[],
  samples: readonly VectorSample[],
  ordered: boolean,
): string | undefined {
  if (wanted.length !== samples.length) return `${samples.length} series, expected ${wanted.length}`
  for (const [i, { labels, items }] of wanted.entries()) {
    const at = samples.findIndex((sample) => labelKey(sample.labels) === labelKey(labels))
    const sample = samples[at]
    if (sample === undefined)
      return `no series ${labels.join(' ')}, but ${samples[0]?.labels.join(' ') ?? ''}`
    if (ordered && at !== i) return `${labels.join(' ')} at place ${at}, expected ${i}`
    const item = items[0]
    if (item?.kind !== 'value' || !almostEqual(item.value, sample.value)) {
      return `${labels.join(' ')} is ${sample.value}`
    }
  }
  return undefined
}

function compareMatrix(
  statement: EvalStatement,
  wanted: readonly Wanted[],
  series: readonly SeriesSamples[],
): string | undefined {
  const points = wanted
    .map(({ labels, items }) => ({ labels, points: pointsOf(items, statement) }))
    .filter((entry) => entry.points.length > 0)
  if (points.length !== series.length) return `${series.length} series, expected ${points.length}`
  const sorted = series.every(
    (entry, i) => i === 0 || compareLabelSets(series[i - 1]!.labels, entry.labels) < 0,
  )
  if (!sorted) return 'series are not sorted by labels'
  for (const entry of points) {
    const got = series.find((candidate) => labelKey(candidate.labels) === labelKey(entry.labels))
    if (got === undefined) return `no series ${entry.labels.join(' ')}`
    const same =
      got.values.length === entry.points.length &&
      entry.points.every(
        ([timeMs, value], i) => got.timestamps[i] === timeMs && almostEqual(value, got.values[i]!),
      )
    if (!same) return `${entry.labels.join(' ')} is ${got.values.join(' ')} at ${got.timestamps.join(' ')}`
  }
  return undefined
}

function pointsOf(items: readonly SeriesItem[], statement: EvalStatement): [number, number][] {
  const { startMs, stepMs } = statement.rangeVector ?? statement
  const points: [number, number][] = []
  // A bare number is what a scalar range query gives at every step.
  for (const [i, item] of items.entries()) {
    if (item.kind === 'value') points.push([startMs + i * stepMs, item.value])
  }
  return points
}
