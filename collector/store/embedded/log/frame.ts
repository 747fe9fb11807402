import { crc32 } from 'node:zlib'
import type { ByteBuffer } from '../bytes.ts'
import { reserveBytes } from '../bytes.ts'

/**
 * A frame is a header of 16 bytes (payload length, type, CRC-32 of the payload, CRC-32 of these 12 bytes; all
 * little-endian) and its payload. The header has its own checksum so that a damaged payload can be stepped
 * over, and a length that points past the end of the file is known to be a write that was cut short.
 */
export const frameHeaderBytes = 16

/** No writer makes a longer payload. */
export const maxPayloadBytes = 1 << 22

/** Reserves the header; the payload follows. Returns where the frame starts, for endFrame. */
export function beginFrame(out: ByteBuffer): number {
  const start = out.at
  reserveBytes(out, frameHeaderBytes)
  out.at += frameHeaderBytes
  return start
}

/** Fills in the header of the frame whose payload ends here. */
export function endFrame(out: ByteBuffer, start: number, type: number): void {
  const payload = out.bytes.subarray(start + frameHeaderBytes, out.at)
  const header = Buffer.from(out.bytes.buffer, out.bytes.byteOffset + start, frameHeaderBytes)
  header.writeUInt32LE(payload.length, 0)
  header.writeUInt32LE(type, 4)
  header.writeUInt32LE(crc32(payload), 8)
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12)
}

export type FrameHeader =
  | { readonly kind: 'frame'; readonly type: number; readonly length: number; readonly crc: number }
  /** No further frame: the end, or zeros that a crash left after it. */
  | { readonly kind: 'end' }
  | { readonly kind: 'damaged' }

/** Judges the 16 bytes at `at`. */
export function readFrameHeader(bytes: Buffer, at: number): FrameHeader {
  const length = bytes.readUInt32LE(at)
  const type = bytes.readUInt32LE(at + 4)
  const crc = bytes.readUInt32LE(at + 8)
  const check = bytes.readUInt32LE(at + 12)
  if (length === 0 && type === 0 && crc === 0 && check === 0) return { kind: 'end' }
  const valid = check === crc32(bytes.subarray(at, at + 12)) && length <= maxPayloadBytes
  return valid ? { kind: 'frame', type, length, crc } : { kind: 'damaged' }
}
