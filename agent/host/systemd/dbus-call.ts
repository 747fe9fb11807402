/** A method call as it is sent; arguments are strings (`s`) and lists of strings (`as`), more is not needed. */
export interface BusCall {
  /** Absent on a direct connection, which has one peer. */
  readonly destination?: string
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly args?: readonly (string | readonly string[])[]
}

/** Do not start a service because of this call (D-Bus Specification, "Message Format"). */
const noAutoStart = 0x2
const methodCall = 1
const protocolVersion = 1

/**
 * A method call in bytes, little-endian. Format: D-Bus Specification, "Message Format".
 * @param serial above 0; the reply carries it
 */
export function encodeCall(call: BusCall, serial: number): Buffer {
  const args = call.args ?? []
  const signature = args.map((arg) => (typeof arg === 'string' ? 's' : 'as')).join('')
  const writer = createWriter(sizeBound(call, args))

  writer.byte(0x6c) // 'l', little-endian
  writer.byte(methodCall)
  writer.byte(noAutoStart)
  writer.byte(protocolVersion)
  const bodyLengthAt = writer.uint32(0)
  writer.uint32(serial)
  const fieldsLengthAt = writer.uint32(0)
  const fieldsStart = writer.at()
  const field = (code: number, type: string, value: string): void => {
    writer.align(8)
    writer.byte(code)
    writer.signature(type)
    if (type === 'g') writer.signature(value)
    else writer.string(value)
  }
  field(1, 'o', call.path)
  field(2, 's', call.interface)
  field(3, 's', call.member)
  if (call.destination !== undefined) field(6, 's', call.destination)
  if (signature !== '') field(8, 'g', signature)
  writer.patch(fieldsLengthAt, writer.at() - fieldsStart)
  writer.align(8)

  const bodyStart = writer.at()
  for (const arg of args) {
    if (typeof arg === 'string') {
      writer.string(arg)
      continue
    }
    const lengthAt = writer.uint32(0)
    const start = writer.at()
    for (const text of arg) writer.string(text)
    writer.patch(lengthAt, writer.at() - start)
  }
  writer.patch(bodyLengthAt, writer.at() - bodyStart)
  return writer.bytes()
}

/** Each text has a length, a zero, alignment and perhaps the head of a header field around it. */
const aroundText = 24

function sizeBound(call: BusCall, args: readonly (string | readonly string[])[]): number {
  let size = 64
  const texts = [call.destination ?? '', call.path, call.interface, call.member, ...args.flat()]
  for (const text of texts) size += Buffer.byteLength(text) + aroundText
  return size + args.length * aroundText
}

interface Writer {
  at(): number
  align(alignment: number): void
  byte(value: number): void
  /** @returns where it was written, for `patch` */
  uint32(value: number): number
  string(text: string): void
  signature(text: string): void
  patch(position: number, value: number): void
  bytes(): Buffer
}

function createWriter(size: number): Writer {
  const bytes = Buffer.alloc(size)
  let at = 0
  const align = (alignment: number): void => {
    at = Math.ceil(at / alignment) * alignment
  }
  const uint32 = (value: number): number => {
    align(4)
    bytes.writeUInt32LE(value, at)
    at += 4
    return at - 4
  }
  return {
    at: () => at,
    align,
    byte: (value) => {
      bytes[at++] = value
    },
    uint32,
    string: (text) => {
      uint32(Buffer.byteLength(text))
      at += bytes.write(text, at) + 1
    },
    signature: (text) => {
      bytes[at++] = text.length
      at += bytes.write(text, at, 'latin1') + 1
    },
    patch: (position, value) => {
      bytes.writeUInt32LE(value, position)
    },
    bytes: () => bytes.subarray(0, at),
  }
}
