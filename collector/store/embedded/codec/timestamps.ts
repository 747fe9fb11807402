import { readVarint, unzigzag, writeVarint, zigzag } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/**
 * Offsets as the first one and then differences of differences. A token with a set low bit is a run of that
 * many zeros, so that any number of samples at a regular interval costs a handful of bytes.
 * @returns the position after the last byte written; at most 8 bytes per sample are used
 */
export function encodeTimestamps(
  offsets: Uint32Array,
  first: number,
  count: number,
  bytes: Uint8Array,
  at: number,
): number {
  let to = writeVarint(bytes, at, offsets[first]!)
  let previousDelta = 0
  let run = 0
  for (let i = first + 1; i < first + count; i++) {
    const delta = offsets[i]! - offsets[i - 1]!
    const change = delta - previousDelta
    previousDelta = delta
    if (change === 0) {
      run++
      continue
    }
    if (run > 0) to = writeVarint(bytes, to, run * 2 + 1)
    run = 0
    to = writeVarint(bytes, to, zigzag(change) * 2)
  }
  return run > 0 ? writeVarint(bytes, to, run * 2 + 1) : to
}

/** The inverse; writes `count` offsets from index `first` on. */
export function decodeTimestamps(from: ByteBuffer, count: number, offsets: Uint32Array, first: number): void {
  const end = first + count
  let offset = readVarint(from)
  let delta = 0
  offsets[first] = offset
  for (let i = first + 1; i < end;) {
    const token = readVarint(from)
    if (token % 2 === 1) {
      const runEnd = Math.min(end, i + (token - 1) / 2)
      while (i < runEnd) offsets[i++] = offset += delta
    } else {
      delta += unzigzag(token / 2)
      offsets[i++] = offset += delta
    }
  }
}
