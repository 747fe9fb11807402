import { readVarint, unzigzag } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { ascendingFlag, decimalKinds, powers } from './decimal.ts'

const wordBytes = 4

/**
 * The inverse of encodeDecimals; `kind` is one of decimalKinds. Writes the first `count` values from index `first` on. The
 * chunk may have more: then neither position is behind the last byte afterwards.
 */
export function decodeDecimals(
  from: ByteBuffer,
  kind: number,
  count: number,
  values: Float64Array,
  words: Uint32Array,
  first: number,
  tail: ByteBuffer,
): void {
  const { bytes } = from
  const power = powers[bytes[from.at++]!]!
  const step = readVarint(from)
  const exceptionCount = readVarint(from)
  const exceptionsAt = from.at
  for (let i = 0; i < exceptionCount; i++) {
    readVarint(from)
    from.at += 2 * wordBytes
  }
  values[first] = unzigzag(readVarint(from))
  const isSplit = kind === decimalKinds.firstSplit || kind === decimalKinds.secondSplit
  const isSecond = kind === decimalKinds.second || kind === decimalKinds.secondSplit
  const header = isSplit ? bytes[from.at++]! : 0
  const bits = header & ~ascendingFlag
  const isSigned = (header & ascendingFlag) === 0
  if (bits === 0) addUp(from, step, isSigned, isSecond, count, values, first)
  else addUpSplit(from, step, bits, isSigned, isSecond, count, values, first, tail)
  if (power !== 1) for (let i = first; i < first + count; i++) values[i] = values[i]! / power
  const { at } = from
  from.at = exceptionsAt
  writeExceptions(from, exceptionCount, count, words, first)
  from.at = at
}

/**
 * The integers after the first one, which is there, from differences that are whole. Numbers of three bytes at most, nearly
 * all, are put together here as 32-bit integers.
 */
function addUp(
  from: ByteBuffer,
  step: number,
  isSigned: boolean,
  isSecond: boolean,
  count: number,
  values: Float64Array,
  first: number,
): void {
  const { bytes } = from
  let { at } = from
  let integer = values[first]!
  let change = 0
  for (let i = 1; i < count; i++) {
    let number = bytes[at++]!
    let own: number
    if (number >= 0x80) {
      const second = bytes[at++]!
      number = (number & 0x7f) | ((second & 0x7f) << 7)
      if (second >= 0x80) number |= bytes[at++]! << 14
    }
    if (number < 0x20_0000) own = isSigned ? (number >>> 1) ^ -(number & 1) : number
    else {
      from.at = at - 3
      own = isSigned ? unzigzag(readVarint(from)) : readVarint(from)
      at = from.at
    }
    change = isSecond ? change + own : own
    integer += change * step
    values[first + i] = integer
  }
  from.at = at
}

/** The same where the low bits of the differences are in the tail. */
function addUpSplit(
  from: ByteBuffer,
  step: number,
  bits: number,
  isSigned: boolean,
  isSecond: boolean,
  count: number,
  values: Float64Array,
  first: number,
  tail: ByteBuffer,
): void {
  const { bytes } = from
  const lows = tail.bytes
  const view = new DataView(lows.buffer, lows.byteOffset, lows.length)
  const scale = 2 ** bits
  const mask = scale - 1
  // Words would reach beyond the end behind it.
  const lastBit = (lows.length - wordBytes) * 8 + 7
  let bit = tail.at * 8
  let { at } = from
  let integer = values[first]!
  let change = 0
  for (let i = 1; i < count; i++, bit += bits) {
    const word = bit <= lastBit ? view.getInt32(bit >>> 3, true) : lastWord(lows, bit >>> 3)
    const low = (word >>> (bit & 7)) & mask
    const high = bytes[at++]!
    let own: number
    if (high < 0x80) {
      // At most 31 bits.
      const number = (high << bits) | low
      own = isSigned ? (number >>> 1) ^ -(number & 1) : number
    } else {
      from.at = at - 1
      const number = readVarint(from) * scale + low
      own = isSigned ? unzigzag(number) : number
      at = from.at
    }
    change = isSecond ? change + own : own
    integer += change * step
    values[first + i] = integer
  }
  from.at = at
  tail.at = (bit + 7) >>> 3
}

function lastWord(bytes: Uint8Array, at: number): number {
  let word = 0
  for (let i = at; i < bytes.length; i++) word |= bytes[i]! << (8 * (i - at))
  return word
}

function writeExceptions(
  from: ByteBuffer,
  exceptionCount: number,
  count: number,
  words: Uint32Array,
  first: number,
): void {
  let position = 0
  for (let i = 0; i < exceptionCount; i++) {
    position += readVarint(from)
    if (position >= count) break
    const low = readWord(from)
    const high = readWord(from)
    const to = first + position
    words[2 * to] = low
    words[2 * to + 1] = high
  }
}

function readWord(from: ByteBuffer): number {
  const { bytes, at } = from
  from.at = at + wordBytes
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
