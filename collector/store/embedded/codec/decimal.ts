import { reserveBytes, varintLength, writeVarint, zigzag } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { countLowBits, packedBytes, packLowBits } from './low-bits.ts'

/** Largest scaled integer: its second differences, zigzagged, still fit the 53 bits of a double. */
const limit = 2 ** 50
const maxExponent = 12
export const powers = Float64Array.from({ length: maxExponent + 1 }, (_, i) => 10 ** i)

/** How the differences are stored: of first or second order, whole or split into high and low bits. */
export const decimalKinds = { first: 1, second: 2, firstSplit: 4, secondSplit: 5 } as const

/** Beside the count of low bits: no difference is negative, and they are stored as they are. */
export const ascendingFlag = 0x80

/** Values as integers after scaling by a power of ten; `exceptions` are the positions where that is not exact. */
export interface Decimals {
  exponent: number
  exceptionCount: number
  exceptions: Uint32Array
  integers: Float64Array
  /** Their differences, made unsigned. */
  differences: Float64Array
}

export function createDecimals(): Decimals {
  return {
    exponent: 0,
    exceptionCount: 0,
    exceptions: new Uint32Array(64),
    integers: new Float64Array(64),
    differences: new Float64Array(64),
  }
}

/**
 * Tries to see doubles as what they mostly were before they became doubles: integers, or decimals with a few
 * digits. m / 10^e is correctly rounded for exact m and 10^e, so the check `m / 10^e === v` proves that decoding
 * gives the same bits. NaN, infinities, -0 and the odd noisy value become exceptions, so that one stale marker
 * does not cost the whole chunk its compression.
 * @returns false when more than an eighth of the values would be exceptions
 */
export function scaleToIntegers(values: Float64Array, first: number, count: number, into: Decimals): boolean {
  if (into.integers.length < count) {
    into.integers = new Float64Array(count * 2)
    into.exceptions = new Uint32Array(count * 2)
    into.differences = new Float64Array(count * 2)
  }
  const allowed = (count >>> 3) + 1
  if (!findExponent(values, first, count, allowed, into)) return false
  const { integers, exceptions } = into
  const power = powers[into.exponent]!
  let found = 0
  let previous = NaN
  for (let i = 0; i < count; i++) {
    const value = values[first + i]!
    const integer = Math.round(value * power)
    if (!(Math.abs(integer) <= limit) || integer / power !== value || isNegativeZero(value)) {
      if (found === allowed) return false
      exceptions[found++] = i
      integers[i] = previous
      continue
    }
    integers[i] = previous = integer
  }
  into.exceptionCount = found
  if (found === count) return false
  // Exceptions at the start had no previous value: give them the first real one, a difference of zero.
  let start = 0
  while (Number.isNaN(integers[start]!)) start++
  integers.fill(integers[start]!, 0, start)
  return true
}

function findExponent(
  values: Float64Array,
  first: number,
  count: number,
  allowed: number,
  into: Decimals,
): boolean {
  let exponent = 0
  let failures = 0
  for (let i = first; i < first + count; i++) {
    const value = values[i]!
    if (isDecimal(value, exponent)) continue
    let wanted = exponent + 1
    while (wanted <= maxExponent && !isDecimal(value, wanted)) wanted++
    if (wanted <= maxExponent) exponent = wanted
    else if (++failures > allowed) return false
  }
  into.exponent = exponent
  return true
}

function isDecimal(value: number, exponent: number): boolean {
  const power = powers[exponent]!
  const integer = Math.round(value * power)
  return integer / power === value && Math.abs(integer) <= limit
}

function isNegativeZero(value: number): boolean {
  return value === 0 && 1 / value < 0
}

/**
 * Writes scaled integers: exponent, step (the greatest common divisor of all differences), exceptions with
 * their raw bits, the first integer, and first or second differences, whichever are shorter.
 * @param kind where to note which differences were chosen: one of decimalKinds goes to bytes[kind]
 * @param tail gets the low bits of the differences, where these are noise; without it they stay whole
 * @returns the position after the last byte written
 */
export function encodeDecimals(
  decimals: Decimals,
  words: Uint32Array,
  first: number,
  count: number,
  bytes: Uint8Array,
  kind: number,
  tail: ByteBuffer | undefined,
): number {
  const { integers, exceptions, exceptionCount, differences } = decimals
  const step = commonStep(integers, count)
  let at = kind + 1
  bytes[at++] = decimals.exponent
  at = writeVarint(bytes, at, step)
  at = writeVarint(bytes, at, exceptionCount)
  let previous = 0
  for (let i = 0; i < exceptionCount; i++) {
    const position = exceptions[i]!
    at = writeVarint(bytes, at, position - previous)
    previous = position
    at = writeWord(bytes, at, words[2 * (first + position)]!)
    at = writeWord(bytes, at, words[2 * (first + position) + 1]!)
  }
  at = writeVarint(bytes, at, zigzag(integers[0]!))
  const second = secondIsShorter(integers, count, step, tail !== undefined && isMonotonic(integers, count))
  const isAscending = fillDifferences(decimals, count, step, second)
  if (tail === undefined) {
    bytes[kind] = second ? decimalKinds.second : decimalKinds.first
    for (let i = 0; i < count - 1; i++) at = writeVarint(bytes, at, zigzag(differences[i]!))
    return at
  }
  if (!isAscending) for (let i = 0; i < count - 1; i++) differences[i] = zigzag(differences[i]!)
  const bits = countLowBits(differences, count - 1)
  bytes[kind] = second ? decimalKinds.secondSplit : decimalKinds.firstSplit
  bytes[at++] = bits | (isAscending ? ascendingFlag : 0)
  const scale = 2 ** bits
  for (let i = 0; i < count - 1; i++) at = writeVarint(bytes, at, Math.floor(differences[i]! / scale))
  reserveBytes(tail, packedBytes(count - 1, bits))
  packLowBits(differences, count - 1, bits, tail)
  return at
}

/** Differences in steps; returns whether none is negative. */
function fillDifferences(decimals: Decimals, count: number, step: number, second: boolean): boolean {
  const { integers, differences } = decimals
  let isAscending = true
  let before = 0
  for (let i = 1; i < count; i++) {
    const difference = (integers[i]! - integers[i - 1]!) / step
    const own = second ? difference - before : difference
    if (own < 0) isAscending = false
    differences[i - 1] = own
    before = difference
  }
  return isAscending
}

function commonStep(integers: Float64Array, count: number): number {
  let step = 0
  for (let i = 1; i < count && step !== 1; i++) {
    let other = Math.abs(integers[i]! - integers[i - 1]!)
    while (other !== 0) {
      const rest = step % other
      step = other
      other = rest
    }
  }
  return step === 0 ? 1 : step
}

/** @param isUnsigned whether differences of first order are stored as they are */
function secondIsShorter(integers: Float64Array, count: number, step: number, isUnsigned: boolean): boolean {
  let gain = 0
  let before = 0
  for (let i = 1; i < count; i++) {
    const difference = (integers[i]! - integers[i - 1]!) / step
    const first = isUnsigned ? difference : zigzag(difference)
    gain += varintLength(first) - varintLength(zigzag(difference - before))
    before = difference
  }
  return gain > 0
}

function isMonotonic(integers: Float64Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (integers[i]! < integers[i - 1]!) return false
  return true
}

function writeWord(bytes: Uint8Array, at: number, word: number): number {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
  return at + 4
}
