import { alignTo, enterStructArray, malformedBus, readSignature, readString } from './dbus-read.ts'
import { readUint32, skipBasic } from './dbus-read.ts'
import type { BusCursor } from './dbus-read.ts'

/** An answer to a call. `body` lives only until the function that it is given to returns. */
export interface BusReply {
  readonly serial: number
  /** Of an error: `org.freedesktop.DBus.Error.ServiceUnknown`. */
  readonly errorName: string | undefined
  /** Of the body. */
  readonly signature: string
  readonly body: BusCursor
}

/** A list of ten thousand units has about 3 MB. The protocol allows 128 MiB, which nothing here is worth. */
const maxBodyBytes = 4 * 1024 * 1024
const maxHeaderBytes = 64 * 1024
/** Up to and including the length of the array of header fields. */
const fixedBytes = 16
/** A buffer that one long message needed is not kept. */
const keptBytes = 64 * 1024

const methodReturn = 2
const errorReply = 3

/**
 * Cuts a stream into messages. Only replies are looked at and kept until they are whole; signals, which a direct
 * connection to systemd brings for every change of a unit, are passed over. Memory grows with the bytes that
 * have come, not with what a length promises.
 * @returns a function for each chunk in turn; it throws PgherdError BAD_DATA, after which the stream is lost
 */
export function createBusFrames(onReply: (reply: BusReply) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0)
  let used = 0
  /** Of a message that is passed over. */
  let skipBytes = 0

  const append = (chunk: Buffer): void => {
    if (used + chunk.length > pending.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(4096, 2 * (used + chunk.length)))
      pending.copy(larger, 0, 0, used)
      pending = larger
    }
    chunk.copy(pending, used)
    used += chunk.length
  }

  return (chunk) => {
    const skipped = Math.min(skipBytes, chunk.length)
    skipBytes -= skipped
    let bytes = chunk.subarray(skipped)
    const isBuffered = used > 0
    if (isBuffered) {
      append(bytes)
      bytes = pending.subarray(0, used)
    }
    let at = 0
    while (bytes.length - at >= fixedBytes) {
      const size = messageSize(bytes, at)
      const type = bytes[at + 1]!
      if (type !== methodReturn && type !== errorReply) {
        skipBytes = Math.max(0, size - (bytes.length - at))
        at = Math.min(bytes.length, at + size)
      } else if (bytes.length - at < size) break
      else {
        onReply(readReply(bytes.subarray(at, at + size)))
        at += size
      }
    }
    if (isBuffered) {
      pending.copyWithin(0, at, used)
      used -= at
      if (used === 0 && pending.length > keptBytes) pending = Buffer.alloc(0)
    } else append(bytes.subarray(at))
  }
}

/** Bytes of the message that begins at `at`, with its header. */
function messageSize(bytes: Buffer, at: number): number {
  const order = bytes[at]
  if (order !== 0x6c && order !== 0x42) throw malformedBus('the byte order is neither l nor B')
  if (bytes[at + 3] !== 1) throw malformedBus(`the version is ${bytes[at + 3] ?? '?'}`)
  const read = (from: number): number =>
    order === 0x6c ? bytes.readUInt32LE(at + from) : bytes.readUInt32BE(at + from)
  const bodyBytes = read(4)
  const fieldBytes = read(12)
  if (fieldBytes > maxHeaderBytes) throw malformedBus(`a header of ${fieldBytes} bytes`)
  if (bodyBytes > maxBodyBytes) throw malformedBus(`a message of ${bodyBytes} bytes`)
  return Math.ceil((fixedBytes + fieldBytes) / 8) * 8 + bodyBytes
}

/** Header fields by their code: which type they must have (D-Bus Specification, "Header Fields"). */
const fieldTypes: Readonly<Record<number, string>> = {
  1: 'o',
  2: 's',
  3: 's',
  4: 's',
  5: 'u',
  6: 's',
  7: 's',
  8: 'g',
  9: 'u',
}

function readReply(bytes: Buffer): BusReply {
  const cursor = { bytes, at: fixedBytes - 4, end: bytes.length, littleEndian: bytes[0] === 0x6c }
  let serial = 0
  let errorName: string | undefined
  let signature = ''
  const fieldsEnd = enterStructArray(cursor)
  while (cursor.at < fieldsEnd) {
    alignTo(cursor, 8)
    const code = bytes[cursor.at++] ?? 0
    const type = readSignature(cursor)
    // A code that is not known yet is to be ignored, whatever it holds.
    if (type !== (fieldTypes[code] ?? type)) throw malformedBus('a header field has a wrong type')
    if (code === 4) errorName = readString(cursor)
    else if (code === 5) serial = readUint32(cursor)
    else if (code === 8) signature = readSignature(cursor)
    else skipBasic(cursor, type)
  }
  if (cursor.at !== fieldsEnd) throw malformedBus('the header fields end inside one of them')
  if (serial === 0) throw malformedBus('a reply does not say to what')
  const isError = bytes[1] === errorReply
  if (isError !== (errorName !== undefined)) throw malformedBus('an error has no name or a result has one')
  alignTo(cursor, 8)
  return { serial, errorName, signature, body: cursor }
}
