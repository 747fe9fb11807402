import { PgherdError } from '../../../common/errors.ts'

/**
 * A position in a marshalled D-Bus message. Every function moves `at` and refuses to move it past `end`, so what
 * a peer claims about lengths can neither be read beyond its bytes nor make anything of that length.
 * Format: D-Bus Specification, "Marshaling (Wire Format)".
 */
export interface BusCursor {
  /** One message from its first byte, because alignment counts from there. */
  readonly bytes: Buffer
  at: number
  readonly end: number
  readonly littleEndian: boolean
}

export function readUint32(cursor: BusCursor): number {
  const at = take(cursor, 4, 4)
  return cursor.littleEndian ? cursor.bytes.readUInt32LE(at) : cursor.bytes.readUInt32BE(at)
}

/** A uint64 as a number: exact up to 2^53, which times in microseconds do not reach before the year 2255. */
export function readUint64(cursor: BusCursor): number {
  const at = take(cursor, 8, 8)
  const { bytes, littleEndian } = cursor
  const low = littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at + 4)
  const high = littleEndian ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at)
  return high * 2 ** 32 + low
}

/** An int64 as a number, exact up to 2^53 in magnitude. */
export function readInt64(cursor: BusCursor): number {
  const at = take(cursor, 8, 8)
  return Number(cursor.littleEndian ? cursor.bytes.readBigInt64LE(at) : cursor.bytes.readBigInt64BE(at))
}

/** A string or an object path. Names on this bus are ASCII; other bytes of other texts do not matter here. */
export function readString(cursor: BusCursor): string {
  const start = skipString(cursor)
  return cursor.bytes.toString('latin1', start, cursor.at - 1)
}

/** @returns where its text began; it ended one byte before `at` */
export function skipString(cursor: BusCursor): number {
  const length = readUint32(cursor)
  return takeText(cursor, length)
}

/** Bytes of an `ay`, a view of the message. */
export function readBytes(cursor: BusCursor): Buffer {
  const length = readUint32(cursor)
  const at = take(cursor, length, 1)
  return cursor.bytes.subarray(at, at + length)
}

/** A signature: at most 255 ASCII characters. */
export function readSignature(cursor: BusCursor): string {
  const length = cursor.bytes[take(cursor, 1, 1)]!
  const start = takeText(cursor, length)
  return cursor.bytes.toString('latin1', start, cursor.at - 1)
}

/** Enters an array whose elements are aligned to eight bytes, as structures are. @returns where it ends */
export function enterStructArray(cursor: BusCursor): number {
  const length = readUint32(cursor)
  alignTo(cursor, 8)
  if (length > cursor.end - cursor.at) throw malformedBus('an array is longer than its message')
  return cursor.at + length
}

/** Moves to the next multiple of `alignment`; structures begin at multiples of eight. */
export function alignTo(cursor: BusCursor, alignment: number): void {
  take(cursor, 0, alignment)
}

/** Enters a variant. @throws PgherdError BAD_DATA when it holds another type than `signature` */
export function enterVariant(cursor: BusCursor, signature: string): void {
  const found = readSignature(cursor)
  if (found !== signature) throw malformedBus(`a variant is ${found.slice(0, 32)} and not ${signature}`)
}

/** Moves past a value of a basic type; containers do not occur where this is used. */
export function skipBasic(cursor: BusCursor, type: string): void {
  switch (type) {
    case 'y':
      take(cursor, 1, 1)
      return
    case 'n':
    case 'q':
      take(cursor, 2, 2)
      return
    case 'b':
    case 'i':
    case 'u':
    case 'h':
      take(cursor, 4, 4)
      return
    case 'x':
    case 't':
    case 'd':
      take(cursor, 8, 8)
      return
    case 's':
    case 'o':
      skipString(cursor)
      return
    case 'g':
      readSignature(cursor)
      return
    default:
      throw malformedBus('a field has an unexpected type')
  }
}

/** BAD_DATA: after it nothing that the connection brings can be trusted. */
export function malformedBus(what: string): PgherdError {
  return new PgherdError('BAD_DATA', `the message bus sent what is no D-Bus message: ${what}`)
}

/** Aligns, then moves past `size` bytes. @returns where they begin */
function take(cursor: BusCursor, size: number, alignment: number): number {
  const start = Math.ceil(cursor.at / alignment) * alignment
  if (size > cursor.end - start) throw malformedBus('it ends inside a value')
  cursor.at = start + size
  return start
}

/** Text and the zero behind it. */
function takeText(cursor: BusCursor, length: number): number {
  const start = take(cursor, length + 1, 1)
  if (cursor.bytes[cursor.at - 1] !== 0) throw malformedBus('a text does not end where it should')
  return start
}
