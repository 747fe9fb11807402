import { metricNameLabel } from '../series/label-set.ts'
import type { LabelSet } from '../series/label-set.ts'
import { malformed, readLength, readUint, skipField, wireBytes } from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'

/** Why a series of an otherwise good request is refused. */
export const seriesRejections = [
  'no_metric_name',
  'empty_label_name',
  'duplicate_label',
  'invalid_utf8',
  'label_too_long',
  'too_many_labels',
] as const
export type SeriesRejection = (typeof seriesRejections)[number]

const maxLabels = 64
const maxLabelBytes = 64 * 1024
/** Of all labels of a series together; the store keeps a series in one record. */
const maxSeriesBytes = 512 * 1024

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The labels of one series from its encoded `Label` fields, as a LabelSet: sorted, without empty values. Only
 * for series not seen before: it allocates.
 * @throws PgherdError BAD_DATA when the bytes are not `Label` fields
 */
export function parseLabels(bytes: Uint8Array): LabelSet | SeriesRejection {
  const cursor: Cursor = { bytes, at: 0, end: bytes.length }
  const pairs: [string, string][] = []
  let rejection: SeriesRejection | undefined = bytes.length > maxSeriesBytes ? 'label_too_long' : undefined
  let count = 0
  while (cursor.at < bytes.length) {
    readUint(cursor)
    const labelEnd = readLength(cursor)
    const label = parseLabel(cursor, labelEnd)
    cursor.end = bytes.length
    if (++count > maxLabels) rejection ??= 'too_many_labels'
    else if (typeof label === 'string') rejection ??= label
    else pairs.push(label)
  }
  return rejection ?? toLabelSet(pairs)
}

function parseLabel(cursor: Cursor, end: number): [string, string] | SeriesRejection {
  let name: string | undefined = ''
  let value: string | undefined = ''
  let tooLong = false
  cursor.end = end
  while (cursor.at < end) {
    const tag = readUint(cursor)
    const field = tag >>> 3
    if (field === 0) throw malformed('field 0 does not exist')
    if (field > 2) {
      skipField(cursor, tag & 7)
      continue
    }
    if ((tag & 7) !== wireBytes) throw malformed('a label is not a string')
    const textEnd = readLength(cursor)
    const text = cursor.bytes.subarray(cursor.at, textEnd)
    cursor.at = textEnd
    if (text.length > maxLabelBytes) tooLong = true
    else if (field === 1) name = decode(text)
    else value = decode(text)
  }
  if (tooLong) return 'label_too_long'
  if (name === undefined || value === undefined) return 'invalid_utf8'
  return name === '' ? 'empty_label_name' : [name, value]
}

/** NUL is refused with invalid UTF-8: no source of ours can hold it, and it separates the parts of a series' key. */
function decode(text: Uint8Array): string | undefined {
  if (text.includes(0)) return undefined
  try {
    return utf8.decode(text)
  } catch {
    return undefined
  }
}

function toLabelSet(pairs: [string, string][]): LabelSet | SeriesRejection {
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
