/**
 * Writes a snappy block (github.com/google/snappy, format_description.txt) element by element, for a caller
 * that knows itself what repeats. Copies that continue each other at one distance become one.
 */
export interface SnappyWriter {
  /** Bytes that the block written so far expands to. */
  readonly uncompressedLength: number
  literal(bytes: Uint8Array, from: number, to: number): void
  /** Repeats `length` of the bytes that lie `distance` back (1 to 65,535), which may be among the new ones. */
  copy(distance: number, length: number): void
  /** Elements made before, one character per byte, that stand for `uncompressed` bytes. */
  elements(latin1: string, uncompressed: number): void
  /** The block, a copy; the writer is empty afterwards. */
  finish(): Uint8Array
}

/** A block starts with its uncompressed length, known at the end: room for a varint of 32 bits. */
const lengthBytes = 5
/** No single element other than a literal takes more. */
const largestElement = 4
export const longestDistance = 65_535
const longestCopy = 64

export function createSnappyWriter(initialBytes = 16 * 1024): SnappyWriter {
  let out = new Uint8Array(initialBytes)
  let at = lengthBytes
  let uncompressed = 0
  let pendingDistance = 0
  let pendingLength = 0

  const grow = (more: number) => {
    const larger = new Uint8Array(Math.max(out.length * 2, at + more))
    larger.set(out.subarray(0, at))
    out = larger
  }
  const flush = () => {
    const most = largestElement * (1 + (pendingLength >>> 6))
    if (at + most > out.length) grow(most)
    at = putCopy(out, at, pendingDistance, pendingLength)
    pendingLength = 0
  }

  return {
    get uncompressedLength() {
      return uncompressed
    },
    literal(bytes, from, to) {
      if (to <= from) return
      if (pendingLength !== 0) flush()
      const most = largestElement + to - from
      if (at + most > out.length) grow(most)
      at = putLiteral(out, at, bytes, from, to)
      uncompressed += to - from
    },
    copy(distance, length) {
      if (pendingDistance !== distance) {
        if (pendingLength !== 0) flush()
        pendingDistance = distance
      }
      pendingLength += length
      uncompressed += length
    },
    elements(latin1, length) {
      if (pendingLength !== 0) flush()
      const count = latin1.length
      if (at + count > out.length) grow(count)
      for (let i = 0; i < count; i++) out[at + i] = latin1.charCodeAt(i)
      at += count
      uncompressed += length
    },
    finish() {
      if (pendingLength !== 0) flush()
      let start = lengthBytes
      let rest = uncompressed
      let size = 1
      for (let more = rest; more > 0x7f; more = Math.floor(more / 128)) size++
      start -= size
      for (let i = start; i < lengthBytes; i++) {
        out[i] = (rest % 128) | (i < lengthBytes - 1 ? 0x80 : 0)
        rest = Math.floor(rest / 128)
      }
      const block = out.slice(start, at)
      at = lengthBytes
      uncompressed = 0
      pendingDistance = 0
      return block
    },
  }
}

/** Writes a literal element, at most 2^24 bytes; gives the position after it. */
export function putLiteral(
  into: Uint8Array,
  at: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  const last = to - from - 1
  if (last < 60) into[at++] = last << 2
  else {
    const count = last < 0x100 ? 1 : last < 0x10000 ? 2 : 3
    into[at++] = (59 + count) << 2
    for (let i = 0; i < count; i++) into[at++] = (last >>> (8 * i)) & 0xff
  }
  if (last < 32) for (let i = from; i < to; i++) into[at++] = bytes[i]!
  else {
    into.set(bytes.subarray(from, to), at)
    at += to - from
  }
  return at
}

/** Writes as many copy elements as the length takes; gives the position after them. */
export function putCopy(into: Uint8Array, at: number, distance: number, length: number): number {
  for (; length > longestCopy; length -= longestCopy) {
    into[at++] = 2 | ((longestCopy - 1) << 2)
    into[at++] = distance & 0xff
    into[at++] = distance >>> 8
  }
  if (length >= 4 && length < 12 && distance < 2048) {
    into[at++] = 1 | ((length - 4) << 2) | ((distance >>> 8) << 5)
    into[at++] = distance & 0xff
    return at
  }
  into[at++] = 2 | ((length - 1) << 2)
  into[at++] = distance & 0xff
  into[at++] = distance >>> 8
  return at
}
