import { readVarint, unzigzag } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { ascendingFlag, decimalKinds, powers } from './decimal.ts'

const wordBytes = 4

/** How the values change, by position from 1 on. Reused by every call: decoding is synchronous. */
let changes = new Float64Array(1024)

/**
 * The inverse of encodeDecimals; `kind` is one of decimalKinds. Writes the values at positions `skip` up to `count`
 * (exclusive), of which there are some, from index `first` on. The chunk may have more: then neither position is behind
 * the last byte afterwards. One simple loop for each step of the way: a loop that does it all is twice as slow.
 */
export function decodeDecimals(
  from: ByteBuffer,
  kind: number,
  skip: number,
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
  const start = unzigzag(readVarint(from))
  const isSplit = kind === decimalKinds.firstSplit || kind === decimalKinds.secondSplit
  const header = isSplit ? bytes[from.at++]! : 0
  const bits = header & ~ascendingFlag
  if (changes.length < count) changes = new Float64Array(count * 2)
  readChanges(from, count)
  if (bits > 0) addLowBits(tail, bits, count)
  if ((header & ascendingFlag) === 0) for (let i = 1; i < count; i++) changes[i] = unzigzag(changes[i]!)
  if (kind === decimalKinds.second || kind === decimalKinds.secondSplit) sumUp(count)
  writeValues(start, step, power, skip, count, values, first)
  const { at } = from
  from.at = exceptionsAt
  writeExceptions(from, exceptionCount, skip, count, words, first)
  from.at = at
}

function readChanges(from: ByteBuffer, count: number): void {
  const { bytes } = from
  let { at } = from
  for (let i = 1; i < count; i++) {
    const byte = bytes[at++]!
    if (byte < 0x80) changes[i] = byte
    else {
      from.at = at - 1
      changes[i] = readVarint(from)
      at = from.at
    }
  }
  from.at = at
}

function addLowBits(tail: ByteBuffer, bits: number, count: number): void {
  const { bytes } = tail
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const scale = 2 ** bits
  const mask = scale - 1
  const lastBit = (bytes.length - wordBytes) * 8 + 7
  let bit = tail.at * 8
  let i = 1
  for (; i < count && bit <= lastBit; i++, bit += bits) {
    const low = (view.getInt32(bit >>> 3, true) >>> (bit & 7)) & mask
    changes[i] = changes[i]! * scale + low
  }
  // Words would reach beyond the end here.
  for (; i < count; i++, bit += bits) {
    const low = (lastWord(bytes, bit >>> 3) >>> (bit & 7)) & mask
    changes[i] = changes[i]! * scale + low
  }
  tail.at = (bit + 7) >>> 3
}

function lastWord(bytes: Uint8Array, at: number): number {
  let word = 0
  for (let i = at; i < bytes.length; i++) word |= bytes[i]! << (8 * (i - at))
  return word
}

function sumUp(count: number): void {
  let sum = 0
  for (let i = 1; i < count; i++) changes[i] = sum += changes[i]!
}

function writeValues(
  start: number,
  step: number,
  power: number,
  skip: number,
  count: number,
  values: Float64Array,
  first: number,
): void {
  let integer = start
  for (let i = 1; i <= skip; i++) integer += changes[i]! * step
  values[first] = integer / power
  const to = first - skip
  if (power === 1) for (let i = skip + 1; i < count; i++) values[to + i] = integer += changes[i]! * step
  else {
    for (let i = skip + 1; i < count; i++) {
      integer += changes[i]! * step
      values[to + i] = integer / power
    }
  }
}

function writeExceptions(
  from: ByteBuffer,
  exceptionCount: number,
  skip: number,
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
    if (position < skip) continue
    const to = first + position - skip
    words[2 * to] = low
    words[2 * to + 1] = high
  }
}

function readWord(from: ByteBuffer): number {
  const { bytes, at } = from
  from.at = at + wordBytes
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
