import { compress } from 'snappyjs'
import { uncompressSnappy } from './snappy-uncompress.ts'
import { readUint, skipField } from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'

const maxBytes = 64 * 1024 * 1024

/**
 * Two requests of remote write with half of the series each, for a receiver that finds one too large; undefined
 * when there is only one series.
 * @throws PgherdError BAD_DATA when the body is not a compressed WriteRequest
 */
export function splitRemoteWrite(body: Uint8Array): readonly [Uint8Array, Uint8Array] | undefined {
  const bytes = uncompressSnappy(body, maxBytes)
  const cursor: Cursor = { bytes, at: 0, end: bytes.length }
  const starts: number[] = []
  while (cursor.at < bytes.length) {
    starts.push(cursor.at)
    skipField(cursor, readUint(cursor) & 7)
  }
  if (starts.length < 2) return undefined
  const middle = starts[starts.length >> 1]!
  return [compress(bytes.subarray(0, middle)), compress(bytes.subarray(middle))]
}
