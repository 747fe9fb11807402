import fc from 'fast-check'
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { uncompressSnappy } from '../../../common/wire/snappy-uncompress.ts'

const badData = expect.objectContaining({ code: 'BAD_DATA' }) as Error

/** Bytes with repetitions at all distances, which is what makes copies of every kind. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 })), {
    maxLength: 40,
  })
  .map((parts) =>
    Uint8Array.from(
      parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat()),
    ),
  )

test('gives back what was compressed', () => {
  fc.assert(
    fc.property(repetitive, (bytes) => {
      expect(Buffer.from(uncompressSnappy(compress(bytes), 1 << 20)).equals(bytes)).toBe(true)
    }),
  )
})

test('decodes into the given memory when it is large enough', () => {
  const memory = new Uint8Array(100)
  const bytes = uncompressSnappy(compress(Buffer.from('hello hello hello hello').subarray(0)), 100, memory)
  expect(bytes.buffer).toBe(memory.buffer)
  expect(Buffer.from(bytes).toString()).toBe('hello hello hello hello')
})

test('every element of the format is understood: literals of 1 to 4 length bytes, copies of 1, 2 and 4 offset bytes', () => {
  const literal = (lengthBytes: number) => [
    (59 + lengthBytes) << 2,
    ...[1, ...new Array<number>(lengthBytes - 1).fill(0)].slice(0, lengthBytes),
    0x61,
    0x62,
  ]
  for (const lengthBytes of [1, 2, 3, 4]) {
    expect(Buffer.from(uncompressSnappy(Uint8Array.of(2, ...literal(lengthBytes)), 10)).toString()).toBe('ab')
  }
  const ab = [0x04, 0x61, 0x62]
  expect(Buffer.from(uncompressSnappy(Uint8Array.of(6, ...ab, 0x01, 2), 10)).toString()).toBe('ababab')
  expect(Buffer.from(uncompressSnappy(Uint8Array.of(5, ...ab, 0x0a, 2, 0), 10)).toString()).toBe('ababa')
  expect(Buffer.from(uncompressSnappy(Uint8Array.of(5, ...ab, 0x0b, 1, 0, 0, 0), 10)).toString()).toBe(
    'abbbb',
  )
})

test('a declared length over the limit is refused before memory is taken', () => {
  // 4 GiB - 1 in six bytes.
  expect(() => uncompressSnappy(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0x00), 32 << 20)).toThrow(
    expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }) as Error,
  )
})

test.each([
  ['nothing at all', []],
  ['a length without end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ['a length that the bytes cannot fill', [0x80, 0x80, 0x40, 0x00, 0x61]],
  ['a literal that runs over the end', [0x05, 0x10, 0x61]],
  ['a literal whose length has its top bit set', [0x05, 0xfc, 0xfa, 0xff, 0xff, 0xff]],
  ['a length that ends early', [0x05, 0xf4, 0x01]],
  ['a copy from before the start', [0x05, 0x00, 0x61, 0x01, 0x02]],
  ['a copy of offset zero', [0x05, 0x00, 0x61, 0x01, 0x00]],
  ['a copy without its offset', [0x05, 0x00, 0x61, 0x01]],
  ['a copy with half an offset', [0x05, 0x00, 0x61, 0x02, 0x01]],
  ['more than was declared', [0x01, 0x04, 0x61, 0x62]],
  ['a copy beyond what was declared', [0x02, 0x00, 0x61, 0x01, 0x01]],
  ['less than was declared', [0x03, 0x04, 0x61, 0x62]],
])('%s is damage', (_what, bytes) => {
  expect(() => uncompressSnappy(Uint8Array.from(bytes), 1 << 20)).toThrow(badData)
})

test('random bytes are decoded or refused, within the limit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let outcome = 'decoded'
      try {
        expect(uncompressSnappy(bytes, 4096).length).toBeLessThanOrEqual(4096)
      } catch (error) {
        outcome = (error as { code: string }).code
      }
      expect(['decoded', 'BAD_DATA', 'REQUEST_TOO_LARGE']).toContain(outcome)
    }),
    { numRuns: 3000 },
  )
})
