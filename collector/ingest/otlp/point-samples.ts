import type { Intake } from '../intake.ts'
import type { OtlpMetric, OtlpPoint } from './model.ts'

const noRecordedValue = 1

/**
 * Hands the samples of a point to the intake: one for gauges and sums, for histograms cumulative `_bucket`s, `_count` and
 * `_sum`, for summaries a sample per quantile, `_count` and `_sum`. A point without a value ends its series.
 * @returns whether any of its series was refused
 */
export function addPoint(
  metric: OtlpMetric,
  name: string,
  labels: readonly string[],
  point: OtlpPoint,
  intake: Intake,
): boolean {
  const isStale = (point.flags & noRecordedValue) !== 0
  let refused = false
  const add = (suffix: string, value: number, extra: readonly string[] = []): void => {
    const ref = intake.series(undefined, ['__name__', name + suffix, ...labels, ...extra])
    if (ref < 0) refused = true
    if (isStale) intake.stale(ref, point.timestampMs)
    else intake.sample(ref, point.timestampMs, value)
  }
  if (metric.kind === 'gauge' || metric.kind === 'sum') {
    add('', point.value)
    return refused
  }
  add('_count', point.count)
  if (point.sum !== undefined || isStale) add('_sum', point.sum ?? 0)
  if (metric.kind === 'summary') {
    for (const { quantile, value } of point.quantiles) add('', value, ['quantile', decimalText(quantile)])
    return refused
  }
  let below = 0
  for (const [i, bound] of point.bounds.entries()) {
    below += point.bucketCounts[i] ?? 0
    if (bound !== Infinity) add('_bucket', below, ['le', decimalText(bound)])
  }
  add('_bucket', point.count, ['le', '+Inf'])
  return refused
}

/** The shortest digits that mean this double, never with an exponent: Go's FormatFloat(v, 'f', -1, 64). */
export function decimalText(value: number): string {
  if (!Number.isFinite(value)) return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : 'NaN'
  const [digits = '', exponent] = String(Math.abs(value)).split('e')
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (exponent === undefined) return sign + digits
  const [whole = '', fraction = ''] = digits.split('.')
  const point = whole.length + Number(exponent)
  const all = whole + fraction
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`
  return sign + all.padEnd(point, '0')
}
