import { readVarint, unzigzag, varintLength, writeVarint, zigzag } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/** Largest scaled integer: its second differences, zigzagged, still fit the 53 bits of a double. */
const limit = 2 ** 50
const maxExponent = 12
const powers = Float64Array.from({ length: maxExponent + 1 }, (_, i) => 10 ** i)

/** Values as integers after scaling by a power of ten; `exceptions` are the positions where that is not exact. */
export interface Decimals {
  exponent: number
  exceptionCount: number
  exceptions: Uint32Array
  integers: Float64Array
}

export function createDecimals(): Decimals {
  return {
    exponent: 0,
    exceptionCount: 0,
    exceptions: new Uint32Array(64),
    integers: new Float64Array(64),
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
 * @param order where to note which differences were chosen: 1 or 2 goes to bytes[order]
 * @returns the position after the last byte written
 */
export function encodeDecimals(
  decimals: Decimals,
  words: Uint32Array,
  first: number,
  count: number,
  bytes: Uint8Array,
  order: number,
): number {
  const { integers, exceptions, exceptionCount } = decimals
  const step = commonStep(integers, count)
  let at = order + 1
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
  const second = secondIsShorter(integers, count, step)
  bytes[order] = second ? 2 : 1
  let before = 0
  for (let i = 1; i < count; i++) {
    const difference = (integers[i]! - integers[i - 1]!) / step
    at = writeVarint(bytes, at, zigzag(second ? difference - before : difference))
    before = difference
  }
  return at
}

/** The inverse; `order` is 1 or 2. Writes `count` values from index `first` on. */
export function decodeDecimals(
  from: ByteBuffer,
  order: number,
  count: number,
  values: Float64Array,
  words: Uint32Array,
  first: number,
): void {
  const power = powers[from.bytes[from.at++]!]!
  const step = readVarint(from)
  const exceptionCount = readVarint(from)
  const exceptionsAt = from.at
  for (let i = 0; i < exceptionCount; i++) {
    readVarint(from)
    from.at += 8
  }
  let integer = unzigzag(readVarint(from))
  let difference = 0
  values[first] = integer / power
  for (let i = first + 1; i < first + count; i++) {
    const change = unzigzag(readVarint(from))
    difference = order === 2 ? difference + change : change
    integer += difference * step
    values[i] = integer / power
  }
  const end = from.at
  from.at = exceptionsAt
  let position = first
  for (let i = 0; i < exceptionCount; i++) {
    position += readVarint(from)
    words[2 * position] = readWord(from)
    words[2 * position + 1] = readWord(from)
  }
  from.at = end
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

function secondIsShorter(integers: Float64Array, count: number, step: number): boolean {
  let gain = 0
  let before = 0
  for (let i = 1; i < count; i++) {
    const difference = (integers[i]! - integers[i - 1]!) / step
    gain += varintLength(zigzag(difference)) - varintLength(zigzag(difference - before))
    before = difference
  }
  return gain > 0
}

function writeWord(bytes: Uint8Array, at: number, word: number): number {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
  return at + 4
}

function readWord(from: ByteBuffer): number {
  const { bytes, at } = from
  from.at = at + 4
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
