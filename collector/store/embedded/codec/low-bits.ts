import type { ByteBuffer } from '../bytes.ts'

/** Most bits that are split off: they pass through 32-bit integers with up to 7 bits that are left over. */
const mostBits = 24
/** Of fewer numbers the estimate says little. */
const fewest = 48
/** Numbers of so many bits are one byte each, which the page compression codes well. */
const oneByte = 7
/** For fewer distinct numbers than this share, the page compression finds more in whole ones. */
const distinctShare = 1 / 8
/** So many of the high parts may be longer than a byte. */
const longShare = 1 / 64
/** What a whole number of more than one byte costs beyond the estimate, in bits, as measured with zstd. */
const longPenalty = 1.7

const lengths = new Uint32Array(54)
const seen = new Uint8Array(1024)

/**
 * How many low bits of some numbers are noise: they are stored as they are, and only what is above them is worth
 * compressing. zstd codes bytes, so that is best one byte each; of numbers of several bytes the low ones would spoil
 * the one table of codes that a page has. Whether whole numbers would be smaller nevertheless, because most are small,
 * is estimated from the lengths of their binary forms, as if all of one length were equally likely.
 * @param numbers whole, not negative, below 2^53
 */
export function countLowBits(numbers: Float64Array, count: number): number {
  if (count < fewest) return 0
  lengths.fill(0)
  seen.fill(0)
  let distinct = 0
  let longest = 0
  for (let i = 0; i < count; i++) {
    const number = numbers[i]!
    const length = bitLength(number)
    lengths[length]!++
    if (length > longest) longest = length
    const slot = (number % 4_294_967_291) & 1023
    distinct += seen[slot] === 0 ? 1 : 0
    seen[slot] = 1
  }
  if (longest <= oneByte) return 0
  if (distinct < Math.min(count, 1024) * distinctShare) return 0
  let bits = 0
  let long = lengths.subarray(oneByte + 1).reduce((sum, members) => sum + members, 0)
  const whole = costOf(0, longest, count) + longPenalty * long
  while (bits < mostBits && long > count * longShare) {
    bits++
    long -= lengths[oneByte + bits]!
  }
  return costOf(bits, longest, count) <= whole ? bits : 0
}

function costOf(bits: number, longest: number, count: number): number {
  let below = 0
  for (let length = 0; length <= bits; length++) below += lengths[length]!
  let cost = bits * count + classCost(below, count)
  for (let length = bits + 1; length <= longest; length++) {
    cost += classCost(lengths[length]!, count) + lengths[length]! * (length - bits - 1)
  }
  return cost
}

function classCost(members: number, count: number): number {
  return members === 0 ? 0 : members * Math.log2(count / members)
}

function bitLength(number: number): number {
  if (number < 0x1_0000_0000) return 32 - Math.clz32(number)
  return 64 - Math.clz32(Math.floor(number / 0x1_0000_0000))
}

/** Bytes that so many numbers of so many bits take. */
export function packedBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8)
}

/** Packs the low bits of numbers without gaps, lowest bit first. The caller has made room. */
export function packLowBits(numbers: Float64Array, count: number, bits: number, to: ByteBuffer): void {
  const { bytes } = to
  const mask = 2 ** bits - 1
  const range = 2 ** bits
  let at = to.at
  let held = 0
  let heldBits = 0
  for (let i = 0; i < count; i++) {
    held |= ((numbers[i]! % range) & mask) << heldBits
    heldBits += bits
    while (heldBits >= 8) {
      bytes[at++] = held
      held >>>= 8
      heldBits -= 8
    }
  }
  if (heldBits > 0) bytes[at++] = held
  to.at = at
}
