import { defaultLabelLimits, toLabelSet } from '../series/label-rules.ts'
import type { LabelLimits, SeriesRejection } from '../series/label-rules.ts'
import type { LabelSet } from '../series/label-set.ts'
import { malformed, readLength, readUint, skipField, wireBytes } from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The labels of one series from its encoded `Label` fields, as a LabelSet: sorted, without empty values. Only
 * for series not seen before: it allocates.
 * @throws PgherdError BAD_DATA when the bytes are not `Label` fields
 */
export function parseLabels(
  bytes: Uint8Array,
  limits: LabelLimits = defaultLabelLimits,
): LabelSet | SeriesRejection {
  const cursor: Cursor = { bytes, at: 0, end: bytes.length }
  const pairs: [string, string][] = []
  let rejection: SeriesRejection | undefined =
    bytes.length > limits.maxSeriesBytes ? 'label_too_long' : undefined
  let count = 0
  while (cursor.at < bytes.length) {
    readUint(cursor)
    const labelEnd = readLength(cursor)
    const label = parseLabel(cursor, labelEnd, limits.maxLabelBytes)
    cursor.end = bytes.length
    if (++count > limits.maxLabels) rejection ??= 'too_many_labels'
    else if (typeof label === 'string') rejection ??= label
    else pairs.push(label)
  }
  return rejection ?? toLabelSet(pairs)
}

function parseLabel(cursor: Cursor, end: number, maxLabelBytes: number): [string, string] | SeriesRejection {
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
