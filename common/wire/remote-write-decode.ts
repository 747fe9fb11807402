import { malformed, readLength, readUint, requireWireType, skipField, wireBytes } from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'
import { decodeSample } from './remote-write-sample.ts'
import type { SampleColumns } from './sample-columns.ts'

/**
 * Turns the encoded `Label` fields of one series, `bytes[from, to)`, into its reference. A negative answer
 * refuses the series: its samples are dropped. The bytes are only valid during the call.
 */
export type ResolveSeries = (bytes: Uint8Array, from: number, to: number, samples: number) => number

/**
 * How many bytes the encoded labels have that are expected at `from`, when they stand there and end before `end`; 0
 * otherwise. They have been read once, so they are passed over as a whole.
 */
export type ExpectedLabels = (from: number, end: number) => number

const nothingExpected: ExpectedLabels = () => 0

/** What a request carried that pgherd does not store. */
export interface IgnoredParts {
  exemplars: number
  histograms: number
  metadata: number
}

/**
 * Reads a prometheus.WriteRequest (prompb/remote.proto and types.proto, remote write 1.0) into `columns`,
 * appending. Nothing is allocated per sample or per known series.
 * @param bytes the request after decompression
 * @throws PgherdError BAD_DATA when the request as a whole is damaged; the columns then hold no meaning
 */
export function decodeWriteRequest(
  bytes: Uint8Array,
  columns: SampleColumns,
  resolve: ResolveSeries,
  expected: ExpectedLabels = nothingExpected,
): IgnoredParts {
  const ignored: IgnoredParts = { exemplars: 0, histograms: 0, metadata: 0 }
  const cursor: Cursor = { bytes, at: 0, end: bytes.length }
  const doubles = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  while (cursor.at < bytes.length) {
    const tag = readUint(cursor)
    switch (tag >>> 3) {
      case 0:
        throw malformed('field 0 does not exist')
      case 1:
        requireWireType(tag, wireBytes)
        cursor.end = readLength(cursor)
        decodeTimeSeries(cursor, doubles, columns, resolve, expected, ignored)
        cursor.end = bytes.length
        break
      case 3:
        ignored.metadata++
        skipField(cursor, tag & 7)
        break
      default:
        skipField(cursor, tag & 7)
    }
  }
  return ignored
}

function decodeTimeSeries(
  cursor: Cursor,
  doubles: DataView,
  columns: SampleColumns,
  resolve: ResolveSeries,
  expected: ExpectedLabels,
  ignored: IgnoredParts,
): void {
  const { end } = cursor
  const firstSample = columns.count
  const start = cursor.at
  let labelsFrom = start
  let labelsTo = start + expected(start, end)
  let scattered = false
  cursor.at = labelsTo
  while (cursor.at < end) {
    const fieldStart = cursor.at
    const tag = readUint(cursor)
    switch (tag >>> 3) {
      case 0:
        throw malformed('field 0 does not exist')
      case 1:
        requireWireType(tag, wireBytes)
        cursor.at = readLength(cursor)
        if (labelsTo === labelsFrom) labelsFrom = fieldStart
        else if (labelsTo !== fieldStart) scattered = true
        labelsTo = cursor.at
        break
      case 2:
        requireWireType(tag, wireBytes)
        cursor.end = readLength(cursor)
        decodeSample(cursor, doubles, columns)
        cursor.end = end
        break
      case 3:
        ignored.exemplars++
        skipField(cursor, tag & 7)
        break
      case 4:
        ignored.histograms++
        skipField(cursor, tag & 7)
        break
      default:
        skipField(cursor, tag & 7)
    }
  }
  const samples = columns.count - firstSample
  if (samples === 0) return
  let ref: number
  if (scattered) {
    const gathered = gatherLabels(cursor, start)
    ref = resolve(gathered, 0, gathered.length, samples)
  } else {
    ref = resolve(cursor.bytes, labelsFrom, labelsTo, samples)
  }
  if (ref < 0) columns.count = firstSample
  else for (let i = firstSample; i < columns.count; i++) columns.refs[i] = ref
}

/** The label fields of a series whose sender put something between them: legal, and nobody does it. */
function gatherLabels(cursor: Cursor, start: number): Uint8Array {
  const parts: Uint8Array[] = []
  cursor.at = start
  while (cursor.at < cursor.end) {
    const fieldStart = cursor.at
    const tag = readUint(cursor)
    skipField(cursor, tag & 7)
    if (tag >>> 3 === 1) parts.push(cursor.bytes.subarray(fieldStart, cursor.at))
  }
  return Buffer.concat(parts)
}
