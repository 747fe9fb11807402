import { PgherdError } from '../errors.ts'

/**
 * A position in protobuf bytes. One is reused for a whole request, so reading allocates nothing; every
 * function moves `at` and refuses to move it past `end`.
 */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
  /** The end of the message being read; a nested message narrows it. */
  end: number
}

// The wire types of protobuf; 3 and 4 are the groups of proto2, which no message here has.
export const wireVarint = 0
export const wireFixed64 = 1
export const wireBytes = 2
const wireFixed32 = 5

/** An unsigned varint below 2^32: tags and lengths. Anything longer is damage. */
export function readUint(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at
  let value = 0
  for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
    if (at >= end) throw malformed('it ends inside a number')
    const byte = bytes[at++]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      if (value > 0xffff_ffff) break
      cursor.at = at
      return value
    }
  }
  throw malformed('a tag or length is too long')
}

/** An int64 as a number, exact up to 2^53 in magnitude, which covers every time that makes sense. */
export function readInt64(cursor: Cursor): number {
  const { bytes, end } = cursor
  const start = cursor.at
  let at = start
  let value = 0
  let scale = 1
  for (;;) {
    if (at >= end) throw malformed('it ends inside a number')
    if (at - start === 10) throw malformed('a number is longer than 64 bits')
    const byte = bytes[at++]!
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) break
  }
  cursor.at = at
  return at - start === 10 ? exactInt64(bytes.subarray(start, at)) : value
}

/** Ten bytes are a negative number, whose small magnitudes a sum of floats would round away. */
function exactInt64(varint: Uint8Array): number {
  let value = 0n
  for (let i = varint.length - 1; i >= 0; i--) value = (value << 7n) | BigInt(varint[i]! & 0x7f)
  return Number(BigInt.asIntN(64, value))
}

/** Reads the length of a nested message or string and gives where it ends. */
export function readLength(cursor: Cursor): number {
  const length = readUint(cursor)
  if (length > cursor.end - cursor.at) throw malformed('a length points past the end')
  return cursor.at + length
}

/** Moves past the value of a field that is not wanted. */
export function skipField(cursor: Cursor, wireType: number): void {
  switch (wireType) {
    case wireVarint:
      readInt64(cursor)
      return
    case wireFixed64:
      skipBytes(cursor, 8)
      return
    case wireBytes:
      cursor.at = readLength(cursor)
      return
    case wireFixed32:
      skipBytes(cursor, 4)
      return
    default:
      throw malformed(`wire type ${wireType} is unknown`)
  }
}

export function skipBytes(cursor: Cursor, count: number): void {
  if (count > cursor.end - cursor.at) throw malformed('it ends inside a field')
  cursor.at += count
}

export function malformed(what: string): PgherdError {
  return new PgherdError('BAD_DATA', `the body is not a valid protobuf message: ${what}`)
}

/** @throws PgherdError BAD_DATA when the field of a tag is of another wire type. */
export function requireWireType(tag: number, wireType: number): void {
  if ((tag & 7) !== wireType) throw malformed(`field ${tag >>> 3} has wire type ${tag & 7}`)
}
