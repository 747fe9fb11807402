import { createByteBuffer, putBytes, putVarint, readVarint } from '../bytes.ts'

/**
 * A chunk whose offsets count from an earlier moment: only its first offset is not a difference.
 * @param laterMs by which all offsets grow; with 0 it is the chunk itself
 */
export function laterChunk(chunk: Uint8Array, laterMs: number): Uint8Array {
  if (laterMs === 0) return chunk
  const from = { bytes: chunk, at: 0 }
  const count = readVarint(from)
  const first = readVarint(from)
  const out = createByteBuffer(chunk.length + 8)
  putVarint(out, count)
  putVarint(out, first + laterMs)
  putBytes(out, chunk.subarray(from.at))
  return out.bytes.subarray(0, out.at)
}
