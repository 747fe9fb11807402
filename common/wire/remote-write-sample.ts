import {
  malformed,
  readInt64,
  readUint,
  requireWireType,
  skipBytes,
  skipField,
  wireFixed64,
  wireVarint,
} from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'
import { growSampleColumns } from './sample-columns.ts'
import type { SampleColumns } from './sample-columns.ts'

/**
 * Appends the Sample message that ends at `cursor.end`: value = 1 and timestamp = 2, in remote write 1.0 and 2.0 alike
 * (prompb/types.proto, io/prometheus/write/v2/types.proto). Its series is for the caller to set.
 * @param doubles a view of the cursor's bytes
 * @throws PgherdError BAD_DATA, REQUEST_TOO_LARGE
 */
export function decodeSample(cursor: Cursor, doubles: DataView, columns: SampleColumns): void {
  const { end } = cursor
  let valueAt = -1
  let timestamp = 0
  while (cursor.at < end) {
    const tag = readUint(cursor)
    switch (tag >>> 3) {
      case 0:
        throw malformed('field 0 does not exist')
      case 1:
        requireWireType(tag, wireFixed64)
        valueAt = cursor.at
        skipBytes(cursor, 8)
        break
      case 2:
        requireWireType(tag, wireVarint)
        timestamp = readInt64(cursor)
        break
      default:
        skipField(cursor, tag & 7)
    }
  }
  const i = columns.count
  if (i === columns.timestamps.length) growSampleColumns(columns)
  columns.timestamps[i] = timestamp
  const value = valueAt < 0 ? 0 : doubles.getFloat64(valueAt, true)
  if (value === value) columns.values[i] = value
  // A NaN may change its bits on the way through a JavaScript number, and a stale marker is its bits.
  else columns.valueBytes.set(cursor.bytes.subarray(valueAt, valueAt + 8), i * 8)
  columns.count = i + 1
}
