import { PgherdError } from '../../../common/errors.ts'
import {
  readInt64,
  readLength,
  readUint,
  skipBytes,
  skipField,
  wireBytes,
} from '../../../common/wire/protobuf-read.ts'
import type { Cursor } from '../../../common/wire/protobuf-read.ts'

/** A reader of OTLP's protobuf: what all messages have in common. */
export interface FieldReader {
  /**
   * Visits the fields of a message up to `end`; the visitor says whether it has read the value.
   * @throws PgherdError BAD_DATA, REQUEST_TOO_LARGE for more messages than a request may have
   */
  message(end: number, visit: (field: number, wireType: number) => boolean): void
  /** The end of the message or string that comes next. */
  length(): number
  text(): string
  bytes(): Uint8Array
  uint(): number
  double(): number
  /** A fixed64, without sign. */
  fixed(): bigint
  /** Calls once per element of a repeated number of eight bytes, which may be packed. */
  repeated(wireType: number, read: () => void): void
  int(): number
}

/** Each becomes an object; the least of them has two bytes in the request. */
const mostMessages = 1_000_000

export function createFieldReader(body: Uint8Array): FieldReader {
  const cursor: Cursor = { bytes: body, at: 0, end: body.length }
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  let messages = 0
  const bytes = (): Uint8Array => {
    const end = readLength(cursor)
    const found = body.subarray(cursor.at, end)
    cursor.at = end
    return found
  }
  const at = (): number => {
    const { at: position } = cursor
    skipBytes(cursor, 8)
    return position
  }
  return {
    message(end, visit) {
      if (++messages > mostMessages) {
        throw new PgherdError('REQUEST_TOO_LARGE', `the request has more than ${mostMessages} parts`)
      }
      const outer = cursor.end
      cursor.end = end
      while (cursor.at < end) {
        const tag = readUint(cursor)
        if (!visit(tag >>> 3, tag & 7)) skipField(cursor, tag & 7)
      }
      cursor.end = outer
    },
    length: () => readLength(cursor),
    bytes,
    text: () => {
      const found = bytes()
      return Buffer.from(found.buffer, found.byteOffset, found.length).toString()
    },
    uint: () => readUint(cursor),
    double: () => view.getFloat64(at(), true),
    fixed: () => view.getBigUint64(at(), true),
    repeated(wireType, read) {
      if (wireType !== wireBytes) {
        read()
        return
      }
      const end = readLength(cursor)
      while (cursor.at < end) read()
    },
    int: () => readInt64(cursor),
  }
}
