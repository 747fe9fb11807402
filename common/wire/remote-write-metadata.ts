import { metricTypes } from '../series/metric-type.ts'
import type { MetricMetadata } from '../series/metric-type.ts'
import { readLength, readUint, skipField, wireBytes, wireVarint } from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'

/**
 * The `MetricMetadata` fields of a prometheus.WriteRequest (prompb/types.proto, remote write 1.0); the rest is
 * passed over.
 * @throws PgherdError BAD_DATA when the request is damaged
 */
export function decodeWriteMetadata(
  bytes: Uint8Array,
  visit: (metric: string, metadata: MetricMetadata) => void,
): void {
  const cursor: Cursor = { bytes, at: 0, end: bytes.length }
  while (cursor.at < bytes.length) {
    const tag = readUint(cursor)
    if (tag >>> 3 !== 3 || (tag & 7) !== wireBytes) {
      skipField(cursor, tag & 7)
      continue
    }
    cursor.end = readLength(cursor)
    readMetadata(cursor, visit)
    cursor.end = bytes.length
  }
}

function readMetadata(cursor: Cursor, visit: (metric: string, metadata: MetricMetadata) => void): void {
  let type = 0
  let metric = ''
  let help = ''
  let unit = ''
  while (cursor.at < cursor.end) {
    const tag = readUint(cursor)
    const field = tag >>> 3
    if (field === 1 && (tag & 7) === wireVarint) {
      type = readUint(cursor)
    } else if ((field === 2 || field === 4 || field === 5) && (tag & 7) === wireBytes) {
      const to = readLength(cursor)
      const text = Buffer.from(cursor.bytes.subarray(cursor.at, to)).toString()
      cursor.at = to
      if (field === 2) metric = text
      else if (field === 4) help = text
      else unit = text
    } else {
      skipField(cursor, tag & 7)
    }
  }
  if (metric !== '') visit(metric, { type: metricTypes[type] ?? 'unknown', help, unit })
}
