/** Protobuf by hand, so that tests can also write what no encoder would. */
export function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

export function message(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content])
}

export function sample(value: number, timestampMs: number): Buffer {
  const double = Buffer.alloc(8)
  double.writeDoubleLE(value)
  return message(2, Buffer.concat([Buffer.from([0x09]), double, Buffer.from([0x10]), varint(timestampMs)]))
}

export function series(
  labels: readonly (readonly [string, string | Buffer])[],
  samples: readonly Buffer[],
  extra: Uint8Array = Buffer.alloc(0),
): Buffer {
  const pairs = labels.map(([name, value]) =>
    message(1, Buffer.concat([message(1, Buffer.from(name)), message(2, Buffer.from(value))])),
  )
  return message(1, Buffer.concat([...pairs, ...samples, extra]))
}

export function request(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts)
}
