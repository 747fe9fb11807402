import type { ByteBuffer } from '../bytes.ts'

/**
 * Values that are no decimals: each is XORed with the one before, and byte k of all results is stored together.
 * Neighbours share sign, exponent and leading digits, so the high planes are mostly zeros, which the page
 * compression removes. A leading mask says which planes are there at all.
 * @returns the position after the last byte written; at most 1 + 8 bytes per value
 */
export function encodePlanes(
  words: Uint32Array,
  first: number,
  count: number,
  bytes: Uint8Array,
  at: number,
): number {
  let seenLow = 0
  let seenHigh = 0
  for (let i = first; i < first + count; i++) {
    seenLow |= words[2 * i]! ^ (i > first ? words[2 * i - 2]! : 0)
    seenHigh |= words[2 * i + 1]! ^ (i > first ? words[2 * i - 1]! : 0)
  }
  let mask = 0
  for (let plane = 0; plane < 8; plane++) if (byteOf(seenLow, seenHigh, plane) !== 0) mask |= 1 << plane
  bytes[at++] = mask
  for (let plane = 0; plane < 8; plane++) {
    if ((mask & (1 << plane)) === 0) continue
    const half = plane >> 2
    const shift = (plane & 3) * 8
    let previous = 0
    for (let i = first; i < first + count; i++) {
      const word = words[2 * i + half]!
      bytes[at++] = (word ^ previous) >>> shift
      previous = word
    }
  }
  return at
}

/** The inverse; writes `count` values from index `first` on. */
export function decodePlanes(from: ByteBuffer, count: number, words: Uint32Array, first: number): void {
  const bytes = from.bytes
  const mask = bytes[from.at++]!
  words.fill(0, 2 * first, 2 * (first + count))
  for (let plane = 0; plane < 8; plane++) {
    if ((mask & (1 << plane)) === 0) continue
    const half = plane >> 2
    const shift = (plane & 3) * 8
    for (let i = first; i < first + count; i++) words[2 * i + half]! |= bytes[from.at++]! << shift
  }
  for (let i = first + 1; i < first + count; i++) {
    words[2 * i]! ^= words[2 * i - 2]!
    words[2 * i + 1]! ^= words[2 * i - 1]!
  }
}

function byteOf(low: number, high: number, plane: number): number {
  return ((plane < 4 ? low : high) >>> ((plane & 3) * 8)) & 0xff
}
