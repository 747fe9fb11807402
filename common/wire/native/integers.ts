import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { badNative, pushVarint, readVarint } from './varints.ts'

/** How a list of 64-bit integers is written; the first one stands in front of the block. */
export const marshalTypes = {
  zstdDelta2: 1,
  deltaConst: 2,
  constant: 3,
  zstdDelta: 4,
  delta2: 5,
  delta: 6,
} as const

/** Smaller ones are not worth a frame of zstd. */
const minCompressBytes = 128
/** Ten bytes for each of the most rows that a block may have. */
const maxRawBytes = 16_384 * 10

/** @throws PgherdError BAD_DATA */
export function decodeIntegers(
  type: number,
  packed: Uint8Array,
  first: bigint,
  count: number,
): BigInt64Array<ArrayBuffer> {
  const out = new BigInt64Array(count)
  const isPacked = type === marshalTypes.zstdDelta || type === marshalTypes.zstdDelta2
  const reader = { bytes: isPacked ? decompress(packed) : packed, at: 0 }
  switch (type) {
    case marshalTypes.constant:
      out.fill(first)
      break
    case marshalTypes.deltaConst: {
      const delta = readVarint(reader)
      for (let i = 0; i < count; i++) out[i] = first + BigInt(i) * delta
      break
    }
    case marshalTypes.delta:
    case marshalTypes.zstdDelta: {
      let value = first
      out[0] = value
      for (let i = 1; i < count; i++) out[i] = value += readVarint(reader)
      break
    }
    case marshalTypes.delta2:
    case marshalTypes.zstdDelta2: {
      let value = first
      let delta = 0n
      out[0] = value
      for (let i = 1; i < count; i++) out[i] = value += delta += readVarint(reader)
      break
    }
    default:
      throw badNative(`values of an unknown kind ${type}`)
  }
  if (reader.at !== reader.bytes.length) throw badNative('there are bytes behind the last value')
  return out
}

export function encodeIntegers(values: BigInt64Array): { readonly type: number; readonly bytes: Uint8Array } {
  // Differences wrap around at 64 bits, as they do again when they are added up.
  const delta = values.length > 1 ? BigInt.asIntN(64, values[1]! - values[0]!) : 0n
  if (values.every((value) => value === values[0])) {
    return { type: marshalTypes.constant, bytes: new Uint8Array(0) }
  }
  const out: number[] = []
  if (values.every((value, i) => i === 0 || BigInt.asIntN(64, value - values[i - 1]!) === delta)) {
    pushVarint(out, delta)
    return { type: marshalTypes.deltaConst, bytes: Uint8Array.from(out) }
  }
  for (let i = 1; i < values.length; i++) pushVarint(out, BigInt.asIntN(64, values[i]! - values[i - 1]!))
  const bytes = Uint8Array.from(out)
  if (bytes.length < minCompressBytes) return { type: marshalTypes.delta, bytes }
  return {
    type: marshalTypes.zstdDelta,
    bytes: zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  }
}

function decompress(packed: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: maxRawBytes })
  } catch (error) {
    throw Object.assign(badNative('a block does not decompress'), { cause: error })
  }
}
