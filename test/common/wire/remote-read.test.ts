import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PgherdError } from '../../../common/errors.ts'
import { setStale, staleBits } from '../../../common/series/stale.ts'
import { decodeReadRequest } from '../../../common/wire/remote-read-decode.ts'
import { encodeTimeSeries } from '../../../common/wire/time-series-encode.ts'
import { createSampleColumns } from '../../../common/wire/sample-columns.ts'
import { decodeWriteRequest } from '../../../common/wire/remote-write-decode.ts'
import { message, series, varint } from './protobuf.ts'

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)])
const matcher = (type: number, name: string, value: string): Buffer =>
  message(3, Buffer.concat([number(1, type), message(2, Buffer.from(name)), message(3, Buffer.from(value))]))

const query = message(
  1,
  Buffer.concat([
    number(1, -5),
    number(2, 1_700_000_000_000),
    matcher(0, '__name__', 'up'),
    matcher(3, 'job', 'a.*'),
    // Hints.
    message(4, number(1, 15_000)),
  ]),
)

test('a request is its queries and the types that its client accepts', () => {
  const packed = message(2, Buffer.concat([varint(1), varint(0)]))
  const expected = {
    queries: [
      {
        fromMs: -5,
        toMs: 1_700_000_000_000,
        matchers: [
          { name: '__name__', operator: '=', value: 'up' },
          { name: 'job', operator: '!~', value: 'a.*' },
        ],
      },
    ],
    acceptedTypes: [1, 0],
  }
  expect(decodeReadRequest(Buffer.concat([query, packed]))).toEqual(expected)
  expect(decodeReadRequest(Buffer.concat([query, number(2, 1), number(2, 0)]))).toEqual(expected)
})

test.each([
  ['an unknown type of matcher', message(1, matcher(7, 'a', 'b')), 'a matcher has the unknown type 7'],
  [
    'a text that is not UTF-8',
    message(1, message(3, message(2, Buffer.from([0xff])))),
    'a text is not UTF-8',
  ],
  [
    'very many queries',
    Buffer.concat(Array.from({ length: 101 }, () => query)),
    'it has more than 100 queries',
  ],
  [
    'very many matchers',
    message(1, Buffer.concat(Array.from({ length: 1001 }, () => matcher(0, 'a', 'b')))),
    'a query has more than 1000 matchers',
  ],
])('%s is refused', (_what, bytes, problem) => {
  expect(() => decodeReadRequest(bytes)).toThrow(problem)
})

test('whatever the bytes are, they are a request or BAD_DATA', () => {
  const valid = Buffer.concat([query, query, message(2, varint(1))])
  const damaged = fc
    .tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length))
    .map(([at, byte, length]) => {
      const copy = Buffer.from(valid)
      copy[at] = byte
      return copy.subarray(0, length)
    })
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        decodeReadRequest(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(PgherdError)
        expect((error as PgherdError).code).toBe('BAD_DATA')
      }
    }),
    { numRuns: 2000 },
  )
})

test('a series is written as remote write would write it', () => {
  const bytes = encodeTimeSeries({
    labels: ['__name__', 'up', 'job', 'ä'],
    timestamps: Float64Array.of(-1, 0, 1_700_000_000_123),
    values: Float64Array.of(1.5, -0, Infinity),
  })
  const columns = createSampleColumns()
  let labels: Uint8Array = Buffer.alloc(0)
  decodeWriteRequest(message(1, bytes), columns, (all, from, to) => {
    labels = all.slice(from, to)
    return 7
  })
  expect([...columns.timestamps.subarray(0, columns.count)]).toEqual([-1, 0, 1_700_000_000_123])
  expect([...columns.values.subarray(0, columns.count)]).toEqual([1.5, -0, Infinity])
  const expected = series(
    [
      ['__name__', 'up'],
      ['job', 'ä'],
    ],
    [],
  )
  expect(Buffer.from(labels).equals(expected.subarray(2))).toBe(true)
})

test('a stale marker keeps its bits', () => {
  const values = Float64Array.of(0)
  setStale(values, 0)
  const bytes = encodeTimeSeries({ labels: [], timestamps: Float64Array.of(1), values })
  expect(Buffer.from(bytes).readBigUInt64LE(3)).toBe(staleBits)
})
