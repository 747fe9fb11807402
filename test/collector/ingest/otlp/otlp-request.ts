import { message, varint } from '../../../common/wire/protobuf.ts'

/** OTLP's protobuf by hand, field numbers as in opentelemetry-proto. */
export function fixed64(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value))
  return Buffer.concat([varint((field << 3) | 1), bytes])
}

export function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([varint((field << 3) | 1), bytes])
}

export function uint(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)])
}

export function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value))
}

export function stringAttribute(field: number, key: string, value: string): Buffer {
  return attribute(field, key, text(1, value))
}

export function attribute(field: number, key: string, value: Buffer): Buffer {
  return message(field, Buffer.concat([text(1, key), message(2, value)]))
}

/** One resource with one scope. */
export function otlpRequest(
  resourceAttributes: readonly Buffer[],
  metrics: readonly Buffer[],
  scope: readonly Buffer[] = [],
): Buffer {
  return message(
    1,
    Buffer.concat([
      message(1, Buffer.concat(resourceAttributes)),
      message(2, Buffer.concat([message(1, Buffer.concat(scope)), ...metrics])),
    ]),
  )
}

export function metric(name: string, unit: string, data: Buffer, description = ''): Buffer {
  return message(2, Buffer.concat([text(1, name), text(2, description), text(3, unit), data]))
}
