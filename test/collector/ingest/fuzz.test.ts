import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { compress } from 'snappyjs'
import { describe, expect, test } from 'vitest'
import { createIngest } from '../../../collector/ingest/ingest.ts'
import type { ImportRequest, Ingest } from '../../../collector/ingest/ingest.ts'
import { lineReaders } from '../../../collector/ingest/import/formats.ts'
import type { ImportFormat } from '../../../collector/ingest/import/formats.ts'
import { PgherdError } from '../../../common/errors.ts'
import { message, sample, series, varint } from '../../common/wire/protobuf.ts'
import { double, fixed64, metric, otlpRequest, stringAttribute, uint } from './otlp/otlp-request.ts'
import { createRecordingStore } from './recording-store.ts'

const v1 = 'application/x-protobuf'
const v2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request'
const formats = Object.keys(lineReaders) as ImportFormat[]

const csvParameters = 'format=1:metric:m,2:label:l,3:time:rfc3339&precision=ns&db=d'

function request(contentType?: string, contentEncoding?: string): ImportRequest {
  return { parameters: new URLSearchParams(csvParameters), contentType, contentEncoding }
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = Math.max(1, Math.ceil(bytes.length / 3))
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}

const point = Buffer.concat([
  fixed64(3, 1_700_000_000_000_000_000n),
  double(4, 1),
  stringAttribute(7, 'a', 'b'),
])
const valid: Readonly<Record<string, Uint8Array>> = {
  v1: Buffer.concat([
    series(
      [
        ['__name__', 'm'],
        ['a', 'b'],
      ],
      [sample(1, 1), sample(2, 2)],
    ),
    message(3, Buffer.concat([uint(1, 1), message(2, Buffer.from('m')), message(4, Buffer.from('help'))])),
  ]),
  v2: Buffer.concat([
    ...['', '__name__', 'm', 'a', 'b'].map((text) => message(4, Buffer.from(text))),
    message(
      5,
      Buffer.concat([
        message(1, Buffer.from([1, 2, 3, 4])),
        sample(1, 1),
        message(5, Buffer.from([8, 1, 24, 4])),
      ]),
    ),
  ]),
  otlp: otlpRequest(
    [stringAttribute(1, 'service.name', 's')],
    [
      metric('m', 's', message(5, message(1, point))),
      metric(
        'h',
        '',
        message(
          9,
          Buffer.concat([
            message(1, Buffer.concat([fixed64(4, 1n), message(6, fixed64(1, 1n).subarray(1))])),
            uint(2, 2),
          ]),
        ),
      ),
    ],
  ),
  otlpJson: Buffer.from(
    '{"resourceMetrics":[{"resource":{"attributes":[{"key":"a","value":{"intValue":"1"}}]},"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":"1700000000000000000","asDouble":1}]}}]}]}]}',
  ),
  json: Buffer.from(
    '{"metric":{"__name__":"m","a":"b"},"values":[1,null,"Infinity"],"timestamps":[1,2,3]}\n'.repeat(3),
  ),
  prometheus: Buffer.from(
    '# TYPE m counter\nm{a="b\\n",c="d"} 1 1700000000000 # {e="f"} 1\n{"x.y"} NaN\n'.repeat(3),
  ),
  influx: Buffer.from('m,a=b f=1,g="x\\"y",h=3i,i=t 1700000000000000000\n,x=y b=1\n'.repeat(3)),
  csv: Buffer.from('1,"a ""b""",2023-11-14T22:13:20Z\n-2.5,c,2023-11-14T22:13:20.5+02:00\n'.repeat(3)),
}

/** How each kind of body goes in. */
const entrances: Readonly<Record<string, (ingest: Ingest, bytes: Uint8Array) => Promise<unknown>>> = {
  v1: (ingest, bytes) => ingest.write(compress(Uint8Array.from(bytes)), request(v1, 'snappy')),
  'v1 as it is': (ingest, bytes) => ingest.write(bytes, request(v1, 'snappy')),
  'v1 in zstd': (ingest, bytes) => ingest.write(zstdCompressSync(bytes), request(v1, 'zstd')),
  v2: (ingest, bytes) => ingest.write(compress(Uint8Array.from(bytes)), request(v2, 'snappy')),
  otlp: (ingest, bytes) => ingest.otlp(bytes, request(v1)),
  otlpJson: (ingest, bytes) => ingest.otlp(bytes, request('application/json')),
  'otlp as gzip': (ingest, bytes) => ingest.otlp(bytes, request(v1, 'gzip')),
  ...Object.fromEntries(
    formats.map((format) => [
      format,
      (ingest: Ingest, bytes: Uint8Array) => ingest.importLines(format, inPieces(bytes), request()),
    ]),
  ),
  'lines as gzip': (ingest, bytes) => ingest.importLines('json', inPieces(bytes), request(undefined, 'gzip')),
  'lines as zstd': (ingest, bytes) => ingest.importLines('json', inPieces(bytes), request(undefined, 'zstd')),
  'lines as snappy': (ingest, bytes) =>
    ingest.importLines('json', inPieces(bytes), request(undefined, 'snappy')),
}

/** What a valid body becomes when it is damaged in a few places. */
function damaged(body: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat({ max: body.length - 1 }),
    remove: fc.nat({ max: 4 }),
    insert: fc.uint8Array({ maxLength: 6 }),
  })
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce<Uint8Array>((bytes, { at, remove, insert }) => {
      const from = Math.min(at, bytes.length)
      return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)])
    }, body),
  )
}

/** Nothing but an error of the catalogue that is the sender's comes out, and what is appended are samples. */
async function survives(enter: (ingest: Ingest) => Promise<unknown>): Promise<void> {
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  try {
    await enter(ingest)
  } catch (error) {
    expect(error).toBeInstanceOf(PgherdError)
    expect((error as PgherdError).status).toBeGreaterThanOrEqual(400)
    expect((error as PgherdError).status).toBeLessThan(500)
  }
  for (const { metric: labels, timestamp } of store.appends.flat()) {
    expect(labels).toBeTypeOf('string')
    expect(Number.isNaN(timestamp)).toBe(false)
  }
}

test.each(Object.entries(entrances))('random bytes as %s', async (_kind, enter) => {
  const bytes = fc.uint8Array({ maxLength: 200 })
  await fc.assert(
    fc.asyncProperty(bytes, (body) => survives((ingest) => enter(ingest, body))),
    { numRuns: 100 },
  )
})

test.each(Object.entries(valid))(
  'a valid body of %s is taken, a damaged one is survived',
  async (kind, body) => {
    const enter = entrances[kind]!
    await survives(async (ingest) => expect(await enter(ingest, body)).toBeDefined())
    await fc.assert(
      fc.asyncProperty(damaged(body), (bytes) => survives((ingest) => enter(ingest, bytes))),
      { numRuns: 200 },
    )
  },
)

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('lines in damaged %s', async (encoding, pack) => {
  await fc.assert(
    fc.asyncProperty(damaged(pack(valid['json']!)), (bytes) =>
      survives((ingest) => ingest.importLines('json', inPieces(bytes), request(undefined, encoding))),
    ),
    { numRuns: 100 },
  )
})

describe('hostile bodies are read in time and in memory', () => {
  const megabyte = 1 << 20
  test.each<[string, string, Uint8Array]>([
    [
      'a label value of 1 MB',
      'v1',
      series(
        [
          ['__name__', 'm'],
          ['a', 'x'.repeat(megabyte)],
        ],
        [sample(1, 1)],
      ),
    ],
    [
      '10,000 labels',
      'v1',
      series(
        [['__name__', 'm'], ...Array.from({ length: 10_000 }, (_, i) => [`l${i}`, 'v'] as const)],
        [sample(1, 1)],
      ),
    ],
    [
      '10,000 labels in a line',
      'prometheus',
      Buffer.from(`m{${Array.from({ length: 10_000 }, (_, i) => `l${i}="v"`).join(',')}} 1`),
    ],
    ['braces without end', 'prometheus', Buffer.from('m{a="} "} '.repeat(megabyte / 10))],
    ['backslashes', 'prometheus', Buffer.from(`m{a="${'\\'.repeat(megabyte)}`)],
    ['blanks', 'prometheus', Buffer.from(`m${' '.repeat(megabyte)}x`)],
    ['blanks behind the value', 'prometheus', Buffer.from(`m 1${' '.repeat(megabyte)}x`)],
    ['digits', 'prometheus', Buffer.from(`m ${'1'.repeat(megabyte)}x`)],
    [
      'a comment',
      'prometheus',
      Buffer.from(`# HELP ${' '.repeat(megabyte)}\n# TYPE "${'\\'.repeat(megabyte)}`),
    ],
    ['commas', 'influx', Buffer.from(`m${','.repeat(megabyte)} f=1`)],
    ['backslashes of lines', 'influx', Buffer.from(`m${'\\'.repeat(megabyte)} f=1`)],
    ['fields', 'influx', Buffer.from(`m ${'f=1,'.repeat(megabyte / 4)}`)],
    ['fields without values', 'influx', Buffer.from(`m ${'f,'.repeat(megabyte / 2)}`)],
    ['quotes', 'csv', Buffer.from(`1,${'"'.repeat(megabyte)}`)],
    ['empty lines', 'json', Buffer.alloc(megabyte, 10)],
    ['brackets', 'json', Buffer.alloc(megabyte, 0x5b)],
    ['brackets of OTLP', 'otlpJson', Buffer.alloc(megabyte, 0x5b)],
    [
      'numbers of a packed field',
      'otlp',
      message(1, message(2, message(2, message(9, message(1, message(6, Buffer.alloc(megabyte))))))),
    ],
    ['references', 'v2', message(5, message(1, Buffer.alloc(megabyte)))],
    ['empty series', 'v2', Buffer.alloc(megabyte, Buffer.concat([varint((5 << 3) | 2), varint(0)]))],
  ])('%s', async (_what, kind, body) => {
    const start = process.cpuUsage()
    await survives((ingest) => entrances[kind]!(ingest, body))
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).toBeLessThan(2000)
  })
})
