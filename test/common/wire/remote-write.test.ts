import fc from 'fast-check'
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { labelSet } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { staleBits } from '../../../common/series/stale.ts'
import { decodeWriteRequest } from '../../../common/wire/remote-write-decode.ts'
import { createRemoteWriteEncoder } from '../../../common/wire/remote-write-encode.ts'
import { parseLabels } from '../../../common/wire/remote-write-labels.ts'
import { createSampleColumns } from '../../../common/wire/sample-columns.ts'
import { uncompressSnappy } from '../../../common/wire/snappy-uncompress.ts'
import { message, request, sample, series, varint } from './protobuf.ts'

const limit = 32 << 20

/** Everything a request holds, in a form to compare: labels, time, and the value's bits. */
function decodeAll(bytes: Uint8Array) {
  const columns = createSampleColumns(2)
  const known: LabelSet[] = []
  const rejected: string[] = []
  const ignored = decodeWriteRequest(bytes, columns, (buffer, from, to) => {
    const labels = parseLabels(buffer.subarray(from, to))
    if (typeof labels === 'string') {
      rejected.push(labels)
      return -1
    }
    return known.push(labels) - 1
  })
  const bits = new BigUint64Array(columns.values.buffer)
  const samples = Array.from({ length: columns.count }, (_, i) => ({
    labels: known[columns.refs[i]!],
    timestamp: columns.timestamps[i],
    bits: bits[i],
  }))
  return { samples, rejected, ignored }
}

const labels = fc
  .dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }), { maxKeys: 8 })
  .map((given) => labelSet({ ...given, __name__: 'metric' }))
  .filter((set) => !set.some((text) => text.includes('\u0000')))

test('what was encoded is decoded, whatever the labels, times and bits of the values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(labels, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }),
      (pairs, timestampMs) => {
        const values = new Float64Array(BigUint64Array.from(pairs, ([, bits]) => bits).buffer)
        const { bodies } = createRemoteWriteEncoder().encode({
          timestampMs,
          series: pairs.map(([set]) => set),
          values,
        })
        const { samples } = decodeAll(uncompressSnappy(bodies[0]!.body, limit))
        expect(samples).toEqual(pairs.map(([set, bits]) => ({ labels: set, timestamp: timestampMs, bits })))
      },
    ),
    { numRuns: 200 },
  )
})

test('a stale marker keeps its bits', () => {
  const values = new Float64Array(new BigUint64Array([staleBits, 0x7ff8000000000000n]).buffer)
  const up = labelSet({ __name__: 'up' })
  const { bodies } = createRemoteWriteEncoder().encode({ timestampMs: 1, series: [up, up], values })
  const { samples } = decodeAll(uncompressSnappy(bodies[0]!.body, limit))
  expect(samples.map(({ bits }) => bits)).toEqual([staleBits, 0x7ff8000000000000n])
})

test('values that are a view into a larger buffer are read from their place', () => {
  const all = Float64Array.of(1, 2, 3, 4)
  const up = labelSet({ __name__: 'up' })
  const { bodies } = createRemoteWriteEncoder().encode({
    timestampMs: 1,
    series: [up],
    values: all.subarray(2, 3),
  })
  expect(decodeAll(uncompressSnappy(bodies[0]!.body, limit)).samples[0]!.bits).toBe(
    new BigUint64Array(Float64Array.of(3).buffer)[0],
  )
})

test('a batch is cut into requests by samples and by bytes, and loses nothing', () => {
  const many = Array.from({ length: 25 }, (_, i) => labelSet({ __name__: 'm', i: String(i) }))
  const values = Float64Array.from(many, (_, i) => i)
  const bySamples = createRemoteWriteEncoder({ maxSamples: 10 }).encode({
    timestampMs: 1,
    series: many,
    values,
  })
  expect(bySamples.bodies.map(({ samples }) => samples)).toEqual([10, 10, 5])

  const byBytes = createRemoteWriteEncoder({ maxBytes: 200 }).encode({ timestampMs: 1, series: many, values })
  const raw = byBytes.bodies.map(({ body }) => uncompressSnappy(body, limit))
  expect(Math.max(...raw.map((bytes) => bytes.length))).toBeLessThanOrEqual(200)
  expect(raw.flatMap((bytes) => decodeAll(bytes).samples.map((found) => found.labels))).toEqual(many)
})

test('a series that no request can hold is left out and counted, the others go', () => {
  const huge = labelSet({ __name__: 'huge', text: 'x'.repeat(300) })
  const up = labelSet({ __name__: 'up' })
  const encoded = createRemoteWriteEncoder({ maxBytes: 200 }).encode({
    timestampMs: 1,
    series: [huge, up],
    values: Float64Array.of(1, 1),
  })
  expect(encoded).toMatchObject({ oversizedSeries: 1, bodies: [{ samples: 1 }] })
})

test('an empty batch gives no request', () => {
  expect(
    createRemoteWriteEncoder().encode({ timestampMs: 1, series: [], values: new Float64Array(0) }).bodies,
  ).toEqual([])
})

test.each([
  ['no_metric_name', [['job', 'a']]],
  ['no_metric_name', [['__name__', '']]],
  [
    'empty_label_name',
    [
      ['__name__', 'm'],
      ['', 'x'],
    ],
  ],
  [
    'duplicate_label',
    [
      ['__name__', 'm'],
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
    ],
  ],
  [
    'invalid_utf8',
    [
      ['__name__', 'm'],
      ['a', Buffer.from([0xc3, 0x28])],
    ],
  ],
  [
    'invalid_utf8',
    [
      ['__name__', 'm'],
      ['a', 'nul\u0000nul'],
    ],
  ],
  [
    'label_too_long',
    [
      ['__name__', 'm'],
      ['a', 'x'.repeat(64 * 1024 + 1)],
    ],
  ],
  [
    'label_too_long',
    [['__name__', 'm'], ...Array.from({ length: 9 }, (_, i) => [`l${i}`, 'x'.repeat(60 * 1024)])],
  ],
  ['too_many_labels', [['__name__', 'm'], ...Array.from({ length: 64 }, (_, i) => [`l${i}`, 'x'])]],
] as [string, [string, string | Buffer][]][])(
  '%s refuses one series and keeps its neighbours',
  (reason, bad) => {
    const { samples, rejected } = decodeAll(
      request(
        series([['__name__', 'before']], [sample(1, 10)]),
        series(bad, [sample(2, 20)]),
        series([['__name__', 'after']], [sample(3, 30)]),
      ),
    )
    expect(rejected).toEqual([reason])
    expect(samples.map((found) => found.labels?.[1])).toEqual(['before', 'after'])
  },
)

test('the longest allowed value and the largest allowed number of labels pass', () => {
  const many = Array.from({ length: 63 }, (_, i) => [`l${i}`, 'x'] as [string, string])
  const { rejected } = decodeAll(
    request(
      series(
        [
          ['__name__', 'm'],
          ['a', 'x'.repeat(64 * 1024)],
        ],
        [sample(1, 1)],
      ),
      series([['__name__', 'm'], ...many], [sample(1, 1)]),
    ),
  )
  expect(rejected).toEqual([])
})

test('labels are sorted, and one with an empty value is absent', () => {
  const { samples } = decodeAll(
    request(
      series(
        [
          ['z', '1'],
          ['__name__', 'm'],
          ['empty', ''],
          ['a', '2'],
        ],
        [sample(1, 1)],
      ),
    ),
  )
  expect(samples[0]!.labels).toEqual(['__name__', 'm', 'a', '2', 'z', '1'])
})

test('labels that a sender scatters around its samples belong to the series all the same', () => {
  const whole = series([['__name__', 'm']], [sample(1, 5)], series([['a', 'b']], []).subarray(2))
  expect(decodeAll(request(whole)).samples).toMatchObject([
    { labels: ['__name__', 'm', 'a', 'b'], timestamp: 5 },
  ])
})

test('a sample without value or time has zeros, as protobuf leaves zeros out', () => {
  const bare = Buffer.concat([Buffer.from([0x12]), varint(0)])
  expect(decodeAll(request(series([['__name__', 'm']], [bare]))).samples).toMatchObject([
    { timestamp: 0, bits: 0n },
  ])
})

test('exemplars, histograms, metadata and unknown fields are stepped over', () => {
  const extras = Buffer.concat([
    message(3, Buffer.from('ex')),
    message(4, Buffer.from('hi')),
    message(15, Buffer.from('?')),
  ])
  const body = Buffer.concat([
    request(series([['__name__', 'm']], [sample(1, 1)], extras)),
    message(3, Buffer.from('metadata')),
    message(9, Buffer.from('unknown')),
  ])
  const { samples, ignored } = decodeAll(body)
  expect(samples).toHaveLength(1)
  expect(ignored).toEqual({ exemplars: 1, histograms: 1, metadata: 1 })
})

test.each([
  ['cut inside a series', request(series([['__name__', 'm']], [sample(1, 1)])).subarray(0, -3)],
  ['a length past the end', Buffer.from([0x0a, 0x7f, 0x00])],
  ['a tag longer than 32 bits', Buffer.from([0x8a, 0x80, 0x80, 0x80, 0x10, 0x00])],
  ['field number 0', Buffer.from([0x02, 0x00])],
  ['a group', Buffer.from([0x1b, 0x1c])],
  ['a series that is a number', Buffer.from([0x08, 0x01])],
  ['a value that is a varint', request(message(1, message(2, Buffer.from([0x08, 0x01]))))],
  [
    'a time of more than 64 bits',
    request(message(1, message(2, Buffer.from([0x10, ...new Array<number>(10).fill(0xff), 1])))),
  ],
  ['a label that is a number', request(series([], [message(1, Buffer.from([0x08, 0x01])), sample(1, 1)]))],
])('%s damages the whole request', (_what, bytes) => {
  expect(() => decodeAll(bytes)).toThrow(expect.objectContaining({ code: 'BAD_DATA' }) as Error)
})

test('no bytes make the decoder do anything but answer or refuse', () => {
  const good = request(
    series(
      [
        ['__name__', 'm'],
        ['a', 'b'],
      ],
      [sample(1, 1_790_000_000_000), sample(2, -5)],
    ),
    series([['__name__', 'n']], [sample(3, 3)]),
  )
  const damaged = fc
    .array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const bytes = Buffer.from(good)
      for (const [at, byte] of changes) bytes[at] = byte
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      let code = 'decoded'
      try {
        const { samples } = decodeAll(bytes)
        expect(samples.length).toBeLessThanOrEqual(bytes.length)
      } catch (error) {
        code = (error as { code: string }).code
      }
      expect(['decoded', 'BAD_DATA']).toContain(code)
      // The same through decompression: damage there is found there.
      const packed = compress(Uint8Array.from(bytes))
      expect(Buffer.from(uncompressSnappy(packed, limit))).toEqual(Buffer.from(bytes))
    }),
    { numRuns: 2000 },
  )
})
