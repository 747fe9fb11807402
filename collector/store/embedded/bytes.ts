/** A byte array with a position: where the next write goes, or the next read comes from. */
export interface ByteBuffer {
  bytes: Uint8Array
  at: number
}

/** Of a buffer that is moved to other bytes before it is read. */
export const noBytes: Uint8Array = new Uint8Array(0)

const encoder = new TextEncoder()
// A label's value may begin with what would be a byte order mark in a file.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** Their length is one byte as well. */
const longestShort = 127

export function createByteBuffer(capacity: number): ByteBuffer {
  return { bytes: new Uint8Array(capacity), at: 0 }
}

/** Makes room for `extra` more bytes; `bytes` may be another array afterwards. */
export function reserveBytes(buffer: ByteBuffer, extra: number): void {
  const needed = buffer.at + extra
  if (needed <= buffer.bytes.length) return
  const grown = new Uint8Array(Math.max(needed, buffer.bytes.length * 2))
  grown.set(buffer.bytes.subarray(0, buffer.at))
  buffer.bytes = grown
}

/**
 * Writes an unsigned integer below 2^53 in base 128, low group first (LEB128), and returns the position after
 * it. At most 8 bytes; the caller has made sure that they fit.
 */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value
  while (rest > 0x7fff_ffff) {
    bytes[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

/** Reads what writeVarint wrote. Beyond the end of the array it reads zeros: callers check their end. */
export function readVarint(from: ByteBuffer): number {
  const bytes = from.bytes
  let byte = bytes[from.at++]!
  if (byte < 0x80) return byte
  let value = byte & 0x7f
  for (let shift = 7; shift <= 21; shift += 7) {
    byte = bytes[from.at++]!
    value |= (byte & 0x7f) << shift
    if ((byte & 0x80) === 0) return value
  }
  let scale = 0x1000_0000
  do {
    byte = bytes[from.at++]!
    value += (byte & 0x7f) * scale
    scale *= 128
  } while ((byte & 0x80) !== 0)
  return value
}

/** Bytes that writeVarint needs. */
export function varintLength(value: number): number {
  if (value < 0x80) return 1
  let length = 1
  for (let rest = value; rest >= 0x80; rest /= 128) length++
  return length
}

/** Maps small integers of either sign to small unsigned ones: 0, -1, 1, -2 become 0, 1, 2, 3. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

export function unzigzag(value: number): number {
  if (value < 0x8000_0000) return (value >>> 1) ^ -(value & 1)
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

export function putVarint(to: ByteBuffer, value: number): void {
  reserveBytes(to, 8)
  to.at = writeVarint(to.bytes, to.at, value)
}

export function putBytes(to: ByteBuffer, bytes: Uint8Array): void {
  reserveBytes(to, bytes.length)
  to.bytes.set(bytes, to.at)
  to.at += bytes.length
}

/** A length in bytes and the text as UTF-8. */
export function putString(to: ByteBuffer, text: string): void {
  reserveBytes(to, 8 + text.length * 3)
  if (putShortAscii(to, text)) return
  const encoded = encoder.encode(text)
  to.at = writeVarint(to.bytes, to.at, encoded.length)
  to.bytes.set(encoded, to.at)
  to.at += encoded.length
}

/** Labels are short and plain as a rule, and calling the encoder for each costs several times as much. */
function putShortAscii(to: ByteBuffer, text: string): boolean {
  const { length } = text
  if (length > longestShort) return false
  const { bytes, at } = to
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return false
    bytes[at + 1 + i] = unit
  }
  bytes[at] = length
  to.at = at + 1 + length
  return true
}

export function readString(from: ByteBuffer): string {
  const length = readVarint(from)
  const text = decoder.decode(from.bytes.subarray(from.at, from.at + length))
  from.at += length
  return text
}
