import { crc32 } from 'node:zlib'

/**
 * How a segment looks on disk, version 1, little-endian:
 *   header  "PGHSPOOL", u32 version, u32 zero
 *   record  u32 length of the payload, u32 CRC-32 of what follows it and of the length, f64 timestamp, payload
 */
export const segmentHeaderBytes = 16
export const recordHeaderBytes = 16
/** A longer length can only be damage; it is refused before memory is taken for it. */
export const maxPayloadBytes = 32 * 1024 * 1024

const magic = Buffer.from('PGHSPOOL', 'latin1')
const version = 1

/** One opaque record; the timestamp says from when its content is, in milliseconds since the epoch. */
export interface SpoolRecord {
  readonly timestampMs: number
  readonly payload: Uint8Array
}

export function segmentHeader(): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes)
  magic.copy(header)
  header.writeUInt32LE(version, 8)
  return header
}

/** What the first bytes of a file say: ours, ours from a later release, or not a segment. */
export function checkSegmentHeader(bytes: Uint8Array): 'good' | 'newer' | 'damaged' {
  if (bytes.length < segmentHeaderBytes || magic.compare(bytes, 0, 8) !== 0) return 'damaged'
  const found = asView(bytes).getUint32(8, true)
  return found === version ? 'good' : found > version ? 'newer' : 'damaged'
}

export function encodeRecord(record: SpoolRecord): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + record.payload.length)
  bytes.writeUInt32LE(record.payload.length, 0)
  bytes.writeDoubleLE(record.timestampMs, 8)
  bytes.set(record.payload, recordHeaderBytes)
  bytes.writeUInt32LE(checksum(bytes), 4)
  return bytes
}

/** The length of the payload that a record header announces, or undefined when no record can be that long. */
export function payloadLength(header: Uint8Array): number | undefined {
  const length = asView(header).getUint32(0, true)
  return length > maxPayloadBytes ? undefined : length
}

/** A whole record, header included; undefined when its checksum does not hold. The payload is a view. */
export function decodeRecord(bytes: Uint8Array): SpoolRecord | undefined {
  const view = asView(bytes)
  if (view.getUint32(4, true) !== checksum(bytes)) return undefined
  return { timestampMs: view.getFloat64(8, true), payload: bytes.subarray(recordHeaderBytes) }
}

function checksum(record: Uint8Array): number {
  return crc32(record.subarray(8), crc32(record.subarray(0, 4)))
}

function asView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
