import { PgherdError } from '../errors.ts'

/** `Label` fields of remote write 1.0, written one behind the other into memory that is used again. */
export interface LabelBuffer {
  readonly bytes: Uint8Array
  readonly length: number
  clear(): void
  /** @throws PgherdError REQUEST_TOO_LARGE when all labels since the beginning have more bytes than allowed */
  add(bytes: Uint8Array, nameFrom: number, nameTo: number, valueFrom: number, valueTo: number): void
}

const nameTag = (1 << 3) | 2
const valueTag = (2 << 3) | 2

/** @param maxTotalBytes of everything that is ever added, as one symbol may be referred to without end */
export function createLabelBuffer(maxTotalBytes: number): LabelBuffer {
  let out = new Uint8Array(4096)
  let view = new DataView(out.buffer)
  let source: Uint8Array = out
  let sourceView: DataView = view
  let length = 0
  let total = 0

  const writeUint = (value: number): void => {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) out[length++] = (rest & 0x7f) | 0x80
    out[length++] = rest
  }
  const writeText = (tag: number, bytes: Uint8Array, from: number, to: number): void => {
    out[length++] = tag
    writeUint(to - from)
    if (to - from < 128) {
      let at = from
      for (; at + 4 <= to; at += 4, length += 4) view.setInt32(length, sourceView.getInt32(at))
      for (; at < to; at++) out[length++] = bytes[at]!
    } else {
      out.set(bytes.subarray(from, to), length)
      length += to - from
    }
  }
  return {
    get bytes() {
      return out
    },
    get length() {
      return length
    },
    clear() {
      length = 0
    },
    add(bytes, nameFrom, nameTo, valueFrom, valueTo) {
      const name = nameTo - nameFrom
      const value = valueTo - valueFrom
      const content = 2 + sizeOf(name) + name + sizeOf(value) + value
      const size = 1 + sizeOf(content) + content
      total += size
      if (total > maxTotalBytes) {
        throw new PgherdError(
          'REQUEST_TOO_LARGE',
          `the labels of the request have over ${maxTotalBytes} bytes`,
        )
      }
      if (length + size > out.length) {
        const larger = new Uint8Array(Math.max(out.length * 2, length + size))
        larger.set(out.subarray(0, length))
        out = larger
        view = new DataView(out.buffer)
      }
      if (bytes !== source) {
        source = bytes
        sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      }
      out[length++] = nameTag
      writeUint(content)
      writeText(nameTag, bytes, nameFrom, nameTo)
      writeText(valueTag, bytes, valueFrom, valueTo)
    },
  }
}

/** Bytes of a varint. */
function sizeOf(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++
  return size
}
