import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { staleBits } from '../../../../../common/series/stale.ts'
import { createByteBuffer } from '../../../../../collector/store/embedded/bytes.ts'
import {
  decodeChunk,
  encodeChunk,
  maxChunkBytes,
} from '../../../../../collector/store/embedded/codec/chunk.ts'
import { createSampleBuffer, reserveSamples } from '../../../../../collector/store/embedded/sample-buffer.ts'
import type { SampleBuffer } from '../../../../../collector/store/embedded/sample-buffer.ts'

function bufferOf(offsets: readonly number[], bits: readonly bigint[]): SampleBuffer {
  const buffer = createSampleBuffer(offsets.length)
  buffer.count = offsets.length
  buffer.offsets.set(offsets)
  new BigUint64Array(buffer.values.buffer).set(bits)
  return buffer
}

function bitsOf(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!
}

function bitsIn(buffer: SampleBuffer, first: number): bigint[] {
  return Array.from(new BigUint64Array(buffer.values.buffer).subarray(first, buffer.count))
}

/** Encodes at positions that are not 0, decodes behind other samples, and compares every bit. */
function expectRoundTrip(offsets: readonly number[], bits: readonly bigint[]): void {
  for (const tail of [undefined, createByteBuffer(16)]) {
    const count = offsets.length
    const bytes = new Uint8Array(5 + maxChunkBytes(count))
    if (tail !== undefined) tail.at = 7
    const end = encodeChunk(bufferOf(offsets, bits), 0, count, bytes, 5, tail)
    expect(end).toBeLessThanOrEqual(bytes.length)
    const decoded = createSampleBuffer(0)
    reserveSamples(decoded, 3)
    decoded.count = 3
    const from = { bytes, at: 5 }
    const low = tail === undefined ? undefined : { bytes: tail.bytes.slice(0, tail.at), at: 7 }
    decodeChunk(from, decoded, low)
    expect([from.at, low?.at]).toEqual([end, tail?.at])
    expect(Array.from(decoded.offsets.subarray(3, decoded.count))).toEqual(offsets)
    expect(bitsIn(decoded, 3)).toEqual(bits)
  }
}

const anyBits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const special = fc.constantFrom(
  staleBits,
  0x7ff8000000000001n,
  0xfff8000000000000n,
  ...[0, -0, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, 2 ** 50, 2 ** 53, -(2 ** 60)].map(
    bitsOf,
  ),
)
const integers = fc.integer().map(bitsOf)
const decimals = fc.tuple(fc.integer(), fc.nat(12)).map(([m, e]) => bitsOf(m / 10 ** e))
const increments = fc.array(fc.integer({ min: 1, max: 2 ** 20 }), { minLength: 1, maxLength: 300 })

function samplesOf(value: fc.Arbitrary<bigint>): fc.Arbitrary<{ offsets: number[]; bits: bigint[] }> {
  return increments.chain((deltas) => {
    let offset = 0
    const offsets = deltas.map((delta) => (offset += delta))
    return fc
      .array(value, { minLength: offsets.length, maxLength: offsets.length })
      .map((bits) => ({ offsets, bits }))
  })
}

describe('a chunk returns the same bits for', () => {
  const kinds: Record<string, fc.Arbitrary<bigint>> = {
    'arbitrary bit patterns': anyBits,
    'ordinary doubles': fc.double().map(bitsOf),
    integers: integers,
    decimals: decimals,
    'noise of a few bits': fc.integer({ min: -3000, max: 3000 }).map(bitsOf),
    'noise of many bits': fc.integer({ min: 0, max: 2 ** 49 }).map(bitsOf),
    'integers with special values between them': fc.oneof({ weight: 12, arbitrary: integers }, special),
    'decimals with special values between them': fc.oneof({ weight: 12, arbitrary: decimals }, special),
    'special values only': special,
    'a mixture of everything': fc.oneof(anyBits, integers, decimals, special),
  }
  for (const [name, value] of Object.entries(kinds)) {
    it(name, () => {
      fc.assert(fc.property(samplesOf(value), ({ offsets, bits }) => expectRoundTrip(offsets, bits)))
    })
  }

  it('a part from any offset to any other', () => {
    const value = fc.oneof({ weight: 12, arbitrary: integers }, special, decimals)
    fc.assert(
      fc.property(samplesOf(value), fc.nat(2 ** 28), fc.nat(2 ** 28), ({ offsets, bits }, earliest, last) => {
        const bytes = new Uint8Array(maxChunkBytes(offsets.length))
        const tail = createByteBuffer(16)
        encodeChunk(bufferOf(offsets, bits), 0, offsets.length, bytes, 0, tail)
        const decoded = createSampleBuffer(0)
        decodeChunk({ bytes, at: 0 }, decoded, { bytes: tail.bytes, at: 0 }, last, earliest)
        const first = offsets.filter((offset) => offset < earliest).length
        const wanted = offsets.filter((offset) => offset >= earliest && offset <= last)
        expect(Array.from(decoded.offsets.subarray(0, decoded.count))).toEqual(wanted)
        expect(bitsIn(decoded, 0)).toEqual(bits.slice(first, first + wanted.length))
      }),
    )
  })

  it('offsets up to the largest window', () => {
    expectRoundTrip([0, 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1], [1n, 2n, 3n, 4n, 5n])
  })
})

describe('compressed by zstd as in a page', () => {
  const count = 720
  const offsets = Array.from({ length: count }, (_, i) => i * 10_000)
  const pageSize = (valueAt: (i: number) => bigint): number => {
    const bits = offsets.map((_, i) => valueAt(i))
    const bytes = new Uint8Array(maxChunkBytes(count))
    const tail = createByteBuffer(16)
    const end = encodeChunk(bufferOf(offsets, bits), 0, count, bytes, 0, tail)
    return zstdCompressSync(bytes.subarray(0, end)).length + tail.at
  }

  it('a constant series of two hours takes a few dozen bytes', () => {
    expect(pageSize(() => bitsOf(17.25))).toBeLessThan(40)
  })

  it('one stale marker does not cost a counter its compression', () => {
    const counter = (i: number): bigint => bitsOf(1_000_000 + i * 37 + (i % 7))
    const plain = pageSize(counter)
    const marked = pageSize((i) => (i === 333 ? staleBits : counter(i)))
    expect(marked).toBeLessThan(plain + 40)
    expect(plain / count).toBeLessThan(1.3)
  })

  it('a gauge that wanders by up to 2.00 either way costs little more than the 8.6 bits of its noise', () => {
    let seed = 1
    let hundredths = 5000
    const wander = (): bigint => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      hundredths += ((seed >>> 8) % 401) - 200
      return bitsOf(hundredths / 100)
    }
    expect((pageSize(wander) * 8) / count).toBeLessThan(10)
  })
})
