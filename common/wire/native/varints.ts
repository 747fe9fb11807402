import { PgherdError } from '../../errors.ts'

/** 64-bit integers as VictoriaMetrics writes them: zigzag, then LEB128. */

export interface ByteReader {
  readonly bytes: Uint8Array
  at: number
}

/** @throws PgherdError BAD_DATA when it ends early or is longer than 64 bits */
export function readVarint(reader: ByteReader): bigint {
  const unsigned = readUvarint(reader)
  return (unsigned >> 1n) ^ -(unsigned & 1n)
}

/** @throws PgherdError BAD_DATA */
export function readUvarint(reader: ByteReader): bigint {
  const { bytes } = reader
  // Most fit into a number, which is several times faster.
  let low = 0
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = next(bytes, reader)
    low |= (byte & 0x7f) << shift
    if (byte < 0x80) return BigInt(low)
  }
  let value = BigInt(low)
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = next(bytes, reader)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
  throw badNative('a number is longer than 64 bits')
}

function next(bytes: Uint8Array, reader: ByteReader): number {
  if (reader.at >= bytes.length) throw badNative('a block ends inside a number')
  return bytes[reader.at++]!
}

export function pushVarint(out: number[], value: bigint): void {
  pushUvarint(out, BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)))
}

export function pushUvarint(out: number[], value: bigint): void {
  let rest = value
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  out.push(Number(rest))
}

export function badNative(what: string): PgherdError {
  return new PgherdError('BAD_DATA', `the native data is damaged: ${what}`)
}
