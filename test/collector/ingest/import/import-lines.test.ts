import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { createIngest } from '../../../../collector/ingest/ingest.ts'
import type { ImportRequest } from '../../../../collector/ingest/ingest.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { createRecordingStore } from '../recording-store.ts'

const plain: ImportRequest = {
  parameters: new URLSearchParams(),
  contentType: undefined,
  contentEncoding: undefined,
}

const lineOf = (i: number) =>
  `{"metric":{"__name__":"m${i % 7}"},"values":[${i},${i + 1}],"timestamps":[1,2]}\n`

async function* inPieces(body: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield await Promise.resolve(body.subarray(at, at + size))
}

const body = Buffer.from(Array.from({ length: 500 }, (_, i) => lineOf(i)).join(''))

test.each([1, 7, 1000, 1 << 20])('lines are the same in pieces of %d bytes', async (size) => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  expect(await ingest.importLines('json', inPieces(body, size), plain)).toMatchObject({ stored: 1000 })
  expect(store.appends.flat().map(({ value }) => value)).toEqual(
    Array.from({ length: 500 }, (_, i) => [i, i + 1]).flat(),
  )
  expect(ingest.stats()).toMatchObject({ samples: 1000, requests: 1, bodyBytes: body.length })
})

test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['zstd', zstdCompressSync],
  ['snappy', (bytes) => compress(Uint8Array.from(bytes))],
  ['identity', (bytes) => bytes],
])('a body of %s is unpacked while it arrives', async (contentEncoding, pack) => {
  const ingest = createIngest(createRecordingStore().options)
  const request = { ...plain, contentEncoding }
  expect(await ingest.importLines('json', inPieces(pack(body), 100), request)).toMatchObject({ stored: 1000 })
})

test('a compression that nobody knows is 415', async () => {
  const ingest = createIngest(createRecordingStore().options)
  const imported = ingest.importLines('json', inPieces(body, 100), { ...plain, contentEncoding: 'br' })
  await expect(imported).rejects.toMatchObject({ status: 415 })
})

test('bad lines cost themselves; the first is told with its number, and what was stored', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const mixed = Buffer.concat([
    Buffer.from(`${lineOf(1)}\n{"metric"\n`),
    Buffer.from([0xff, 0x0a]),
    Buffer.from(lineOf(2)),
  ])
  await expect(ingest.importLines('json', inPieces(mixed, 9), plain)).rejects.toMatchObject({
    code: 'BAD_DATA',
    message: expect.stringMatching(
      /^line 3: .*; 2 of 5 lines could not be read; 4 samples were stored$/,
    ) as string,
  })
  expect(store.appends.flat()).toHaveLength(4)
  expect(ingest.stats()).toMatchObject({ badLines: 2, samples: 4 })
})

test('a body that is cut off keeps what came before', async () => {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const cut = gzipSync(body).subarray(0, -20)
  const imported = ingest.importLines('json', inPieces(cut, 100), { ...plain, contentEncoding: 'gzip' })
  await expect(imported).rejects.toMatchObject({
    code: 'BAD_DATA',
    message: expect.stringMatching(/unexpected end of file.*\d+ samples were stored/) as string,
  })
})

test('a sender that goes away is no defect', async () => {
  const ingest = createIngest(createRecordingStore().options)
  async function* gone(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(lineOf(1)))
    throw new Error('aborted')
  }
  await expect(ingest.importLines('json', gone(), plain)).rejects.toMatchObject({
    code: 'CANCELLED',
    message: expect.stringContaining('2 samples were stored') as string,
  })
})

test('when the store refuses, no more of the body is read', async () => {
  let read = 0
  const ingest = createIngest({
    ...createRecordingStore().options,
    append: () => Promise.reject(new PgherdError('DISK_FULL', 'no space left')),
  })
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read++
      yield await Promise.resolve(Buffer.from(lineOf(read)))
    }
  }
  await expect(ingest.importLines('json', endless(), plain)).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(read).toBeLessThan(20)
})

test('while the store is slow, the sender waits', async () => {
  let read = 0
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const ingest = createIngest({
    ...createRecordingStore().options,
    append: async (_refs, _times, _values, count) => {
      await held
      return { stored: count, duplicate: 0, outOfBounds: 0 }
    },
  })
  async function* lines(): AsyncGenerator<Uint8Array> {
    for (; read < 50; read++) yield await Promise.resolve(Buffer.from(lineOf(read)))
  }
  const imported = ingest.importLines('json', lines(), plain)
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  expect(read).toBeLessThan(10)
  release()
  expect(await imported).toMatchObject({ stored: 100 })
})

test('a line over the limit ends the import before it is in memory', async () => {
  const ingest = createIngest(createRecordingStore().options)
  let read = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    const piece = Buffer.alloc(1 << 20, 32)
    for (;;) {
      read++
      yield await Promise.resolve(piece)
    }
  }
  await expect(ingest.importLines('json', endless(), plain)).rejects.toMatchObject({
    code: 'BAD_DATA',
    message: expect.stringContaining('line 1 is longer than') as string,
  })
  expect(read).toBeLessThan(13)
})

test('extra labels and those of the path come on top', async () => {
  const store = createRecordingStore()
  await createIngest(store.options).importLines('json', inPieces(Buffer.from(lineOf(1)), 99), {
    ...plain,
    parameters: new URLSearchParams('extra_label=dc=a&extra_label=dc=b'),
    labels: [['job', 'j']],
  })
  expect(store.appends[0]?.[0]?.metric).toBe('__name__ m1 dc b job j')
})
