import { compress } from 'snappyjs'
import { describe, expect, test } from 'vitest'
import { createIngest } from '../../../collector/ingest/ingest.ts'
import { staleBits } from '../../../common/series/stale.ts'
import { message, sample, varint } from '../../common/wire/protobuf.ts'
import { createRecordingStore } from './recording-store.ts'

const headers = {
  contentType: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  contentEncoding: 'snappy',
}

interface Series {
  readonly labels: readonly (readonly [string, string])[]
  readonly samples?: readonly Buffer[]
  readonly extra?: readonly Buffer[]
}

/** A request whose symbols are as the specification wants them: the first is empty, each is there once. */
function requestOf(...all: readonly Series[]): Uint8Array {
  const symbols = ['']
  const symbol = (text: string): number => {
    if (!symbols.includes(text)) symbols.push(text)
    return symbols.indexOf(text)
  }
  const series = all.map(({ labels, samples = [sample(1, 1000)], extra = [] }) =>
    message(
      5,
      Buffer.concat([
        message(1, Buffer.concat(labels.flat().map((text) => varint(symbol(text))))),
        ...samples,
        ...extra,
      ]),
    ),
  )
  return encoded(...symbols.map((text) => message(4, Buffer.from(text))), ...series)
}

function encoded(...parts: readonly Buffer[]): Uint8Array {
  return compress(Uint8Array.from(Buffer.concat(parts)))
}

const good: Series = {
  labels: [
    ['__name__', 'm'],
    ['job', 'pg'],
  ],
}

test('samples are stored and counted', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const two = {
    labels: [
      ['__name__', 'two words'],
      ['a.b', 'line\nfeed'],
    ],
    samples: [sample(1.5, 1), sample(2, 2)],
  } as const
  expect(await ingest.write(requestOf(good, two), headers)).toMatchObject({
    stored: 3,
    v2: { samplesWritten: 3, refused: undefined },
  })
  expect(store.appends).toEqual([
    [
      { metric: '__name__ m job pg', timestamp: 1000, value: 1 },
      { metric: '__name__ two words a.b line\nfeed', timestamp: 1, value: 1.5 },
      { metric: '__name__ two words a.b line\nfeed', timestamp: 2, value: 2 },
    ],
  ])
})

test('both versions of remote write share what is known about series', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  for (let i = 0; i < 3; i++) await ingest.write(requestOf(good), headers)
  expect(store.lookups()).toBe(1)
})

test('a start timestamp is accepted, a stale marker keeps its bits', async () => {
  const bits: bigint[] = []
  const ingest = createIngest({
    ...createRecordingStore().options,
    append: (_refs, _times, values, count) => {
      bits.push(...new BigUint64Array(values.buffer, values.byteOffset, count))
      return Promise.resolve({ stored: count, duplicate: 0, outOfBounds: 0 })
    },
  })
  const marker = Buffer.alloc(8)
  marker.writeBigUInt64LE(staleBits)
  const point = message(
    2,
    Buffer.concat([
      Buffer.from([0x09]),
      marker,
      Buffer.from([0x10]),
      varint(5),
      Buffer.from([0x18]),
      varint(1),
    ]),
  )
  await ingest.write(requestOf({ ...good, samples: [point] }), headers)
  expect(bits).toEqual([staleBits])
})

describe('a request with bad parts', () => {
  test.each<[string, Series]>([
    ['no_metric_name', { labels: [['job', 'pg']] }],
    ['no_metric_name', { labels: [['__name__', '']] }],
    ['no_metric_name', { labels: [] }],
    [
      'duplicate_label',
      {
        labels: [
          ['__name__', 'm'],
          ['a', '1'],
          ['a', '2'],
        ],
      },
    ],
    [
      'empty_label_name',
      {
        labels: [
          ['__name__', 'm'],
          ['', 'x'],
        ],
      },
    ],
    [
      'too_many_labels',
      { labels: [['__name__', 'm'], ...Array.from({ length: 10_000 }, (_, i) => [`l${i}`, 'v'] as const)] },
    ],
    [
      'label_too_long',
      {
        labels: [
          ['__name__', 'm'],
          ['l', 'x'.repeat(1 << 20)],
        ],
      },
    ],
  ])('keeps the good series and says that one has %s', async (reason, bad) => {
    const store = createRecordingStore()
    const { v2, rejectedSamples } = await createIngest(store.options).write(requestOf(bad, good), headers)
    expect(v2?.samplesWritten).toBe(1)
    expect(v2?.refused).toContain(`1 ${reason}`)
    expect(rejectedSamples).toBe(1)
    expect(store.appends.flat()).toHaveLength(1)
  })

  test('a reference to no symbol costs its series', async () => {
    const ingest = createIngest(createRecordingStore().options)
    const lost = message(5, Buffer.concat([message(1, Buffer.concat([varint(1), varint(77)])), sample(1, 1)]))
    const odd = message(5, Buffer.concat([message(1, varint(1)), sample(1, 1)]))
    const body = encoded(message(4, Buffer.from('')), message(4, Buffer.from('__name__')), lost, odd)
    const { v2, rejectedSamples } = await ingest.write(body, headers)
    expect(v2).toMatchObject({ samplesWritten: 0 })
    expect(v2?.refused).toContain('invalid symbol references: 2')
    expect(rejectedSamples).toBe(2)
  })

  test('histograms are refused by name, exemplars are no reason to', async () => {
    const ingest = createIngest(createRecordingStore().options)
    const exemplar = message(4, Buffer.from([0x09, 0, 0, 0, 0, 0, 0, 0, 0]))
    const histogram = message(3, Buffer.alloc(0))
    const fine = await ingest.write(requestOf({ ...good, extra: [exemplar] }), headers)
    expect(fine.v2).toEqual({ samplesWritten: 1, refused: undefined })
    const part = await ingest.write(requestOf({ ...good, extra: [histogram] }), headers)
    expect(part.v2?.samplesWritten).toBe(1)
    expect(part.v2?.refused).toContain('native histograms, which are not supported: 1')
    expect(ingest.stats().ignored).toMatchObject({ exemplars: 1, histograms: 1 })
  })

  test('samples outside the retention are counted out', async () => {
    const ingest = createIngest({
      ...createRecordingStore().options,
      append: () => Promise.resolve({ stored: 1, duplicate: 1, outOfBounds: 1 }),
    })
    const three = { ...good, samples: [sample(1, 1), sample(1, 2), sample(1, 3)] }
    const { v2 } = await ingest.write(requestOf(three), headers)
    expect(v2?.samplesWritten).toBe(2)
    expect(v2?.refused).toContain('too far in the future: 1')
  })
})

test('what series say about their metrics is known afterwards', async () => {
  const ingest = createIngest(createRecordingStore().options)
  const symbols = ['', '__name__', 'm_seconds', 'How long.', 'seconds'].map((text) =>
    message(4, Buffer.from(text)),
  )
  const metadata = message(5, Buffer.from([0x08, 2, 0x18, 3, 0x20, 4]))
  const own = message(5, Buffer.concat([message(1, Buffer.from([1, 2])), sample(1, 1), metadata]))
  await ingest.write(encoded(own, ...symbols), headers)
  expect(ingest.metadata('m_seconds').get('m_seconds')).toEqual([
    { type: 'gauge', help: 'How long.', unit: 'seconds' },
  ])
})

test('one long symbol that many series refer to costs neither the memory nor the time', async () => {
  const ingest = createIngest(createRecordingStore().options)
  const long = message(4, Buffer.alloc(4 << 20, 120))
  const series = message(5, Buffer.concat([message(1, Buffer.from([1, 2])), sample(1, 1)]))
  const body = encoded(
    message(4, Buffer.alloc(0)),
    message(4, Buffer.from('__name__')),
    long,
    ...Array.from({ length: 1000 }, () => series),
  )
  await expect(ingest.write(body, headers)).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' })
})
