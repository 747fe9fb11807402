import { decodeIntegers, encodeIntegers } from './integers.ts'
import { fromDecimals, toDecimals } from './decimals.ts'
import { badNative, pushUvarint, pushVarint, readUvarint, readVarint } from './varints.ts'
import type { ByteReader } from './varints.ts'

/** VictoriaMetrics refuses longer blocks. */
export const maxBlockRows = 8192

export interface NativeSamples {
  /** Milliseconds, ascending. */
  readonly timestamps: Float64Array
  readonly values: Float64Array
}

/**
 * One block: varints of the first time, the first integer, the count and the scale; a byte each for how times and
 * values are written; times and values, each behind their length.
 * @throws PgherdError BAD_DATA
 */
export function decodeBlock(bytes: Uint8Array): NativeSamples {
  const reader: ByteReader = { bytes, at: 0 }
  const firstTime = readVarint(reader)
  const firstValue = readVarint(reader)
  const count = Number(readUvarint(reader))
  if (count < 1 || count > 2 * maxBlockRows) throw badNative(`a block of ${count} rows`)
  const scale = Number(readVarint(reader))
  if (Math.abs(scale) > 32_768) throw badNative(`a scale of ${scale}`)
  const timeType = readByte(reader)
  const valueType = readByte(reader)
  const times = decodeIntegers(timeType, readBytes(reader), firstTime, count)
  const values = decodeIntegers(valueType, readBytes(reader), firstValue, count)
  if (reader.at !== bytes.length) throw badNative('there are bytes behind a block')
  return { timestamps: Float64Array.from(times, Number), values: fromDecimals(values, scale) }
}

/** Blocks for samples in time order; ordinary NaN, which VictoriaMetrics does not have, must not be among them. */
export function* encodeBlocks(samples: NativeSamples): Generator<Uint8Array, void, undefined> {
  for (let from = 0; from < samples.values.length;) {
    const { decimals, end } = toDecimals(samples.values, from, maxBlockRows)
    const times = BigInt64Array.from(samples.timestamps.subarray(from, end), BigInt)
    yield encodeBlock(times, decimals.integers, decimals.scale)
    from = end
  }
}

function encodeBlock(times: BigInt64Array, values: BigInt64Array, scale: number): Uint8Array {
  const packedTimes = encodeIntegers(times)
  const packedValues = encodeIntegers(values)
  const head: number[] = []
  pushVarint(head, times[0]!)
  pushVarint(head, values[0]!)
  pushUvarint(head, BigInt(times.length))
  pushVarint(head, BigInt(scale))
  head.push(packedTimes.type, packedValues.type)
  pushUvarint(head, BigInt(packedTimes.bytes.length))
  const middle: number[] = []
  pushUvarint(middle, BigInt(packedValues.bytes.length))
  return Buffer.concat([Buffer.from(head), packedTimes.bytes, Buffer.from(middle), packedValues.bytes])
}

function readByte(reader: ByteReader): number {
  if (reader.at >= reader.bytes.length) throw badNative('a block ends in its head')
  return reader.bytes[reader.at++]!
}

function readBytes(reader: ByteReader): Uint8Array {
  const length = Number(readUvarint(reader))
  if (length > reader.bytes.length - reader.at) throw badNative('a length points past the end of its block')
  const part = reader.bytes.subarray(reader.at, reader.at + length)
  reader.at += length
  return part
}
