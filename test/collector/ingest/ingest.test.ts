import { zstdCompressSync } from 'node:zlib'
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { PgherdError } from '../../../common/errors.ts'
import { labelSet } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { createRemoteWriteEncoder } from '../../../common/wire/remote-write-encode.ts'
import { uncompressSnappy } from '../../../common/wire/snappy-uncompress.ts'
import { createIngest } from '../../../collector/ingest/ingest.ts'
import { message, request, sample, series } from '../../common/wire/protobuf.ts'
import { createRecordingStore } from './recording-store.ts'

const headers = { contentType: 'application/x-protobuf', contentEncoding: 'snappy' }

function named(...names: string[]): LabelSet[] {
  return names.map((name) => labelSet({ __name__: name, ins: 'pg-main-1' }))
}

function encode(sets: LabelSet[], timestampMs = 1000): Uint8Array {
  const values = Float64Array.from(sets, (_, i) => i)
  return createRemoteWriteEncoder().encode({ timestampMs, series: sets, values }).bodies[0]!.body
}

test('one request is one append, sample by sample', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const result = await ingest.write(encode(named('a', 'b'), 5000), headers)
  expect(result).toEqual({
    stored: 2,
    duplicate: 0,
    outOfBounds: 0,
    rejectedSamples: 0,
    rejectedSeries: {},
    ignored: { exemplars: 0, histograms: 0, metadata: 0 },
  })
  expect(store.appends).toEqual([
    [
      { metric: '__name__ a ins pg-main-1', timestamp: 5000, value: 0 },
      { metric: '__name__ b ins pg-main-1', timestamp: 5000, value: 1 },
    ],
  ])
})

test('a series is looked up in the store once, in whatever order it comes back', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const orders = [
    ['a', 'b', 'c', 'd'],
    ['a', 'b', 'c', 'd'],
    ['d', 'c', 'b', 'a'],
    ['b', 'a', 'x', 'd', 'c'],
    ['a', 'a', 'b', 'x'],
  ]
  for (const order of orders) await ingest.write(encode(named(...order)), headers)
  expect(store.lookups()).toBe(5)
  expect(ingest.stats().cachedSeries).toBe(5)
  expect(store.appends.map((append) => append.map(({ metric }) => metric?.split(' ')[1]))).toEqual(orders)
})

test('labels that only begin with those that came next the last time are another series', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const write = (second: [string, string][]) =>
    ingest.write(
      compress(
        Uint8Array.from(
          request(series([['__name__', 'a']], [sample(1, 1)]), series(second, [sample(1, 1), sample(2, 2)])),
        ),
      ),
      headers,
    )
  const short: [string, string][] = [
    ['__name__', 'm'],
    ['x', '1'],
  ]
  const long: [string, string][] = [...short, ['y', '2']]
  for (const second of [short, short, long, short, long, long]) await write(second)
  expect(store.appends.map((append) => append.map(({ metric }) => metric))).toEqual(
    [short, short, long, short, long, long].map((second) => [
      '__name__ a',
      second.flat().join(' '),
      second.flat().join(' '),
    ]),
  )
  expect(store.lookups()).toBe(3)
})

test('many senders with many series, interleaved, all find theirs', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const senders = Array.from({ length: 5 }, (_, sender) =>
    Array.from({ length: 700 }, (_, i) => labelSet({ __name__: `m${i}`, ins: `pg-${sender}` })),
  )
  for (let round = 0; round < 3; round++)
    for (const sets of senders) await ingest.write(encode(sets), headers)
  expect(store.lookups()).toBe(3500)
  for (const [i, append] of store.appends.entries()) {
    expect(append.map(({ metric }) => metric)).toEqual(senders[i % 5]!.map((set) => set.join(' ')))
  }
})

test('a full cache starts over and still answers right', async () => {
  const store = createRecordingStore()
  const ingest = createIngest({ ...store.options, limits: { maxCachedSeries: 3 } })
  const order = ['a', 'b', 'c', 'd', 'e']
  for (let round = 0; round < 3; round++) await ingest.write(encode(named(...order)), headers)
  for (const append of store.appends) expect(append.map(({ metric }) => metric?.split(' ')[1])).toEqual(order)
  expect(ingest.stats().cachedSeries).toBeLessThanOrEqual(3)
})

test('refused series are counted by reason each time they come, the rest is stored', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const body = compress(
    Uint8Array.from(
      request(
        series([['__name__', 'good']], [sample(1, 1)]),
        series([['job', 'nameless']], [sample(1, 1), sample(2, 2)]),
        series(
          [
            ['__name__', 'm'],
            ['a', '1'],
            ['a', '2'],
          ],
          [sample(1, 1)],
        ),
      ),
    ),
  )
  for (let i = 0; i < 2; i++) {
    expect(await ingest.write(body, headers)).toMatchObject({
      stored: 1,
      rejectedSamples: 3,
      rejectedSeries: { no_metric_name: 1, duplicate_label: 1 },
    })
  }
  expect(ingest.stats()).toMatchObject({
    requests: 2,
    samples: 2,
    rejectedSamples: 6,
    rejectedSeries: { no_metric_name: 2, duplicate_label: 2, invalid_utf8: 0 },
  })
})

test('a request without samples is accepted without an append', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const metadata = compress(Uint8Array.from(message(3, message(2, Buffer.from('x')))))
  expect(await ingest.write(metadata, headers)).toMatchObject({ stored: 0, ignored: { metadata: 1 } })
  expect(await ingest.write(compress(new Uint8Array(0)), headers)).toMatchObject({ stored: 0 })
  expect(store.appends).toEqual([])
  expect(ingest.stats().ignored.metadata).toBe(1)
})

test.each([
  ['gzip', 'application/x-protobuf'],
  ['deflate', 'application/x-protobuf'],
  ['snappy', 'application/json'],
  ['snappy', 'image/png'],
  ['snappy', 'application/x-protobuf;proto=io.prometheus.write.v3.Request'],
])('encoding %s with type %s is unsupported', async (contentEncoding, contentType) => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const written = ingest.write(encode(named('a')), { contentType, contentEncoding })
  await expect(written).rejects.toMatchObject({ code: 'UNSUPPORTED_ENCODING', status: 415 })
  expect(store.appends).toEqual([])
  expect(ingest.stats().badRequests).toBe(1)
})

test.each([
  ['Snappy', 'application/x-protobuf; proto=prometheus.WriteRequest'],
  ['snappy', undefined],
  [undefined, 'application/x-protobuf'],
  ['zstd', 'application/x-protobuf'],
])('encoding %s with type %s is accepted', async (contentEncoding, contentType) => {
  const ingest = createIngest(createRecordingStore().options)
  expect(await ingest.write(encode(named('a')), { contentType, contentEncoding })).toMatchObject({
    stored: 1,
  })
})

test.each(['zstd', 'snappy', undefined])(
  'a body of zstd is read when its encoding is %s',
  async (contentEncoding) => {
    const ingest = createIngest(createRecordingStore().options)
    const body = zstdCompressSync(uncompressSnappy(encode(named('a', 'b')), 1 << 20))
    expect(await ingest.write(body, { ...headers, contentEncoding })).toMatchObject({ stored: 2 })
  },
)

test('a zstd bomb is refused without being unpacked', async () => {
  const ingest = createIngest({
    ...createRecordingStore().options,
    limits: { maxUncompressedBytes: 1 << 20 },
  })
  const bomb = zstdCompressSync(Buffer.alloc(64 << 20))
  await expect(ingest.write(bomb, { ...headers, contentEncoding: 'zstd' })).rejects.toMatchObject({
    status: 413,
  })
})

test('extra labels take the place of those in the request, and make another series of it', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const body = encode(named('a'))
  for (let i = 0; i < 2; i++) {
    await ingest.write(body, headers)
    await ingest.write(body, headers, ['ins=other', 'dc=x=y'])
  }
  expect(store.appends.map(([first]) => first?.metric)).toEqual([
    '__name__ a ins pg-main-1',
    '__name__ a dc x=y ins other',
    '__name__ a ins pg-main-1',
    '__name__ a dc x=y ins other',
  ])
  expect(store.lookups()).toBe(2)
  await expect(ingest.write(body, headers, ['nothing'])).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('a series that the store has no room for is refused until it has some', async () => {
  const store = createRecordingStore()
  let full = true
  let asked = 0
  const ingest = createIngest({
    ...store.options,
    refGeneration: () => (full ? 0 : 1),
    seriesRef: (labels) => (++asked > 0 && full ? -1 : store.options.seriesRef(labels)),
  })
  for (let i = 0; i < 2; i++) {
    expect(await ingest.write(encode(named('a')), headers)).toMatchObject({
      stored: 0,
      rejectedSeries: { series_limit: 1 },
    })
  }
  expect(asked).toBe(1)
  full = false
  expect(await ingest.write(encode(named('a')), headers)).toMatchObject({ stored: 1 })
  expect(ingest.stats().rejectedSamplesBy.series_limit).toBe(2)
})

test('when references change their meaning, series are looked up again', async () => {
  const store = createRecordingStore()
  let generation = 0
  const ingest = createIngest({ ...store.options, refGeneration: () => generation })
  await ingest.write(encode(named('a')), headers)
  await ingest.write(encode(named('a')), headers)
  generation++
  await ingest.write(encode(named('a')), headers)
  expect(store.lookups()).toBe(2)
})

test('what a request says about metrics is known afterwards', async () => {
  const ingest = createIngest(createRecordingStore().options)
  const said = Buffer.concat([
    Buffer.from([0x08, 1]),
    message(2, Buffer.from('m_total')),
    message(4, Buffer.from('How many.')),
    message(5, Buffer.from('rows')),
  ])
  await ingest.write(compress(Uint8Array.from(message(3, said))), headers)
  expect([...ingest.metadata('m_total')]).toEqual([
    ['m_total', [{ type: 'counter', help: 'How many.', unit: 'rows' }]],
  ])
  expect(ingest.metadata('other').size).toBe(0)
})

test('a damaged request stores nothing, not even its good beginning', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const damaged = compress(
    Uint8Array.from(Buffer.concat([series([['__name__', 'm']], [sample(1, 1)]), Buffer.from([0x0a, 0x7f])])),
  )
  await expect(ingest.write(damaged, headers)).rejects.toMatchObject({ code: 'BAD_DATA', status: 400 })
  await expect(ingest.write(Buffer.from('not snappy'), headers)).rejects.toMatchObject({ code: 'BAD_DATA' })
  expect(store.appends).toEqual([])
  expect(ingest.stats()).toMatchObject({ requests: 2, badRequests: 2, samples: 0 })
})

test('requests over the limits are refused before and after decompression', async () => {
  const ingest = createIngest({
    ...createRecordingStore().options,
    limits: { maxBodyBytes: 1000, maxUncompressedBytes: 2000 },
  })
  await expect(ingest.write(new Uint8Array(1001), headers)).rejects.toMatchObject({
    code: 'REQUEST_TOO_LARGE',
  })
  await expect(ingest.write(compress(new Uint8Array(2001)), headers)).rejects.toMatchObject({ status: 413 })
})

test('what the store throws reaches the sender, and the next request works', async () => {
  const store = createRecordingStore()
  let full = true
  const ingest = createIngest({
    ...store.options,
    append: (...args) =>
      full ? Promise.reject(new PgherdError('DISK_FULL', 'no space left')) : store.options.append(...args),
  })
  await expect(ingest.write(encode(named('a')), headers)).rejects.toMatchObject({ code: 'DISK_FULL' })
  full = false
  expect(await ingest.write(encode(named('a')), headers)).toMatchObject({ stored: 1 })
  expect(ingest.stats()).toMatchObject({ failedAppends: 1, samples: 1, badRequests: 0 })
})

test('requests that are stored at the same time do not share their arrays', async () => {
  const store = createRecordingStore()
  const release: (() => void)[] = []
  const ingest = createIngest({
    ...store.options,
    append: async (...args) => {
      await new Promise<void>((resolve) => release.push(resolve))
      return store.options.append(...args)
    },
  })
  const both = [
    ingest.write(encode(named('a', 'b'), 1), headers),
    ingest.write(encode(named('c'), 2), headers),
  ]
  for (const go of release.reverse()) go()
  await Promise.all(both)
  expect(store.appends.map((append) => append.map(({ metric }) => metric?.split(' ')[1]))).toEqual([
    ['c'],
    ['a', 'b'],
  ])
})
