/** Appends protobuf's wire format (protobuf.dev/programming-guides/encoding) to one growing buffer. */
export interface ProtobufWriter {
  /** Bytes written since the last reset. */
  readonly length: number
  varint(value: number): void
  bytes(bytes: Uint8Array): void
  /** A view of what was written; valid until the next write. */
  written(): Uint8Array
  reset(): void
}

export function createProtobufWriter(initialBytes = 64 * 1024): ProtobufWriter {
  let buffer = new Uint8Array(initialBytes)
  let length = 0
  const reserve = (more: number) => {
    if (length + more <= buffer.length) return
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + more))
    larger.set(buffer.subarray(0, length))
    buffer = larger
  }
  return {
    get length() {
      return length
    },
    varint(value) {
      reserve(10)
      length = putVarint(buffer, length, value)
    },
    bytes(bytes) {
      reserve(bytes.length)
      buffer.set(bytes, length)
      length += bytes.length
    },
    written: () => buffer.subarray(0, length),
    reset() {
      length = 0
    },
  }
}

/** Writes a non-negative safe integer, or a negative one as int64's ten bytes; gives the position after it. */
export function putVarint(into: Uint8Array, at: number, value: number): number {
  if (value < 0) {
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 0x7fn; rest >>= 7n) into[at++] = Number(rest & 0x7fn) | 0x80
    into[at++] = Number(rest)
    return at
  }
  let rest = value
  while (rest > 0x7f) {
    into[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  into[at++] = rest
  return at
}

/** How many bytes a non-negative safe integer takes. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++
  return size
}
