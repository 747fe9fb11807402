import { metricNameLabel } from './label-set.ts'
import type { LabelSet } from './label-set.ts'

/** Why a series of otherwise good data is refused. */
export const seriesRejections = [
  'no_metric_name',
  'empty_label_name',
  'duplicate_label',
  'invalid_utf8',
  'label_too_long',
  'too_many_labels',
  'series_limit',
  /** Of a node or server that is not the sender's. */
  'foreign_owner',
] as const
export type SeriesRejection = (typeof seriesRejections)[number]

export interface LabelLimits {
  readonly maxLabels: number
  /** Of one name or value, as UTF-8. */
  readonly maxLabelBytes: number
  /** Of all labels of a series together; the store keeps a series in one record. */
  readonly maxSeriesBytes: number
}

export const defaultLabelLimits: LabelLimits = {
  maxLabels: 64,
  maxLabelBytes: 64 * 1024,
  maxSeriesBytes: 512 * 1024,
}

/**
 * The label set of `flat`: name, value, name, value, ... in any order; an empty value means that the label is
 * absent. NUL is refused with what is not Unicode: no source of ours can hold it, and it separates the parts of
 * a series' key.
 * @returns the reason instead when the series is refused
 */
export function checkedLabelSet(
  flat: readonly string[],
  limits: LabelLimits = defaultLabelLimits,
): LabelSet | SeriesRejection {
  if (flat.length > 2 * limits.maxLabels) return 'too_many_labels'
  const pairs: [string, string][] = []
  let bytes = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    const nameBytes = Buffer.byteLength(name)
    const valueBytes = Buffer.byteLength(value)
    bytes += nameBytes + valueBytes
    if (Math.max(nameBytes, valueBytes) > limits.maxLabelBytes || bytes > limits.maxSeriesBytes) {
      return 'label_too_long'
    }
    if (!isText(name) || !isText(value)) return 'invalid_utf8'
    if (name === '') return 'empty_label_name'
    pairs.push([name, value])
  }
  return toLabelSet(pairs)
}

/** The same for pairs whose texts and sizes have been checked. */
export function toLabelSet(pairs: [string, string][]): LabelSet | SeriesRejection {
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const labels: string[] = []
  let named = false
  for (const [i, [name, value]] of pairs.entries()) {
    if (pairs[i + 1]?.[0] === name) return 'duplicate_label'
    if (value === '') continue
    if (name === metricNameLabel) named = true
    labels.push(name, value)
  }
  return named ? labels : 'no_metric_name'
}

function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
