import { noBytes, readVarint, writeVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { positionOf, reserveSamples } from '../sample-buffer.ts'
import type { SampleBuffer, SampleColumns } from '../sample-buffer.ts'
import { createDecimals, encodeDecimals, scaleToIntegers } from './decimal.ts'
import { decodeDecimals } from './decode-decimals.ts'
import { decodePlanes, encodePlanes } from './planes.ts'
import { decodeTimestamps, encodeTimestamps } from './timestamps.ts'

const constantKind = 0
const planesKind = 3

/** Reused by every call: encoding is synchronous. */
const decimals = createDecimals()

/** Room that encodeChunk may need for `count` samples. */
export function maxChunkBytes(count: number): number {
  return 64 + count * 18
}

/**
 * One chunk: the number of samples, their time offsets, then the values as a constant (kind 0), decimals
 * (1, 2, 4, 5) or XORed byte planes (3). Exact for every bit pattern of a double. docs/store-format.md has the layout.
 * @param bytes must have maxChunkBytes(count) bytes from `at` on
 * @param tail gets what is not worth compressing; it lies apart from the chunk. Without it the chunk has everything
 * @returns the position after the chunk
 */
export function encodeChunk(
  samples: SampleColumns,
  first: number,
  count: number,
  bytes: Uint8Array,
  at: number,
  tail?: ByteBuffer,
): number {
  const { offsets, values, words } = samples
  let to = writeVarint(bytes, at, count)
  to = encodeTimestamps(offsets, first, count, bytes, to)
  const kind = to
  if (isConstant(words, first, count)) {
    bytes[kind] = constantKind
    return encodePlanes(words, first, 1, bytes, kind + 1)
  }
  if (scaleToIntegers(values, first, count, decimals)) {
    return encodeDecimals(decimals, words, first, count, bytes, kind, tail)
  }
  bytes[kind] = planesKind
  return encodePlanes(words, first, count, bytes, kind + 1)
}

const noTail: ByteBuffer = { bytes: noBytes, at: 0 }

/**
 * Appends the samples of the chunk at `from.at` to `into`, and moves `from.at` behind it.
 * @param tail where the tail of the chunk starts, if it was encoded with one
 * @param last samples after this offset are left out; when there are any, the positions are not moved to the end
 * @param earliest samples before this offset are left out
 */
export function decodeChunk(
  from: ByteBuffer,
  into: SampleBuffer,
  tail: ByteBuffer = noTail,
  last = Infinity,
  earliest = 0,
): void {
  const count = readVarint(from)
  reserveSamples(into, count)
  const { offsets, values, words } = into
  const first = into.count
  decodeTimestamps(from, count, offsets, first)
  const kind = from.bytes[from.at++]!
  const skip = offsets[first]! >= earliest ? 0 : positionOf(offsets, first, first + count, earliest) - first
  const end =
    offsets[first + count - 1]! <= last ? count : positionOf(offsets, first, first + count, last + 1) - first
  if (end <= skip) return
  if (kind === constantKind) {
    decodePlanes(from, 1, words, first)
    fillConstant(into, first, end)
  } else if (kind === planesKind) decodePlanes(from, count, words, first)
  else decodeDecimals(from, kind, end, values, words, first, tail)
  if (skip > 0) {
    offsets.copyWithin(first, first + skip, first + end)
    values.copyWithin(first, first + skip, first + end)
  }
  into.count += end - skip
}

function isConstant(words: Uint32Array, first: number, count: number): boolean {
  const low = words[2 * first]
  const high = words[2 * first + 1]
  for (let i = 2 * first + 2; i < 2 * (first + count); i += 2) {
    if (words[i] !== low || words[i + 1] !== high) return false
  }
  return true
}

function fillConstant(into: SampleBuffer, first: number, count: number): void {
  const low = into.words[2 * first]!
  const high = into.words[2 * first + 1]!
  for (let i = 2 * first + 2; i < 2 * (first + count); i += 2) {
    into.words[i] = low
    into.words[i + 1] = high
  }
}
