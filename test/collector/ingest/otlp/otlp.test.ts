import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createIngest } from '../../../../collector/ingest/ingest.ts'
import type { ImportRequest, IngestOptions } from '../../../../collector/ingest/ingest.ts'
import { staleBits } from '../../../../common/series/stale.ts'
import { message } from '../../../common/wire/protobuf.ts'
import { createRecordingStore } from '../recording-store.ts'
import {
  attribute,
  double,
  fixed64,
  metric,
  otlpRequest,
  stringAttribute,
  text,
  uint,
} from './otlp-request.ts'

const ms = 1_700_000_000_123
const time = fixed64(3, BigInt(ms) * 1_000_000n)
const service = [
  stringAttribute(1, 'service.name', 'api'),
  stringAttribute(1, 'service.instance.id', 'api-1'),
]
const own = 'instance api-1 job api'

const request: ImportRequest = {
  parameters: new URLSearchParams(),
  contentType: undefined,
  contentEncoding: undefined,
}

async function send(
  body: Uint8Array,
  options: Partial<IngestOptions> = {},
  headers: Partial<ImportRequest> = {},
) {
  const store = createRecordingStore()
  const ingest = createIngest({ ...store.options, ...options })
  const answer = await ingest.otlp(body, { ...request, ...headers })
  return { answer, ingest, samples: store.appends.flat() }
}

function json(value: unknown) {
  return send(Buffer.from(JSON.stringify(value)), {}, { contentType: 'application/json' })
}

const gaugePoint = (...parts: Buffer[]) => message(5, message(1, Buffer.concat([time, ...parts])))
const sum = (temporality: number, isMonotonic: boolean, ...parts: Buffer[]) =>
  message(
    7,
    Buffer.concat([
      message(1, Buffer.concat([time, ...parts])),
      uint(2, temporality),
      uint(3, Number(isMonotonic)),
    ]),
  )

describe('kinds of metrics', () => {
  test('a gauge is its value, with attributes as labels and the resource as job and instance', async () => {
    const data = gaugePoint(double(4, 1.5), stringAttribute(7, 'http.method', 'GET'))
    const { samples, answer } = await send(otlpRequest(service, [metric('queue.depth', '', data)]))
    expect(samples).toEqual([
      { metric: `__name__ queue_depth http_method GET ${own}`, timestamp: ms, value: 1.5 },
    ])
    expect(answer).toEqual({ contentType: 'application/x-protobuf', body: new Uint8Array(0) })
  })

  test('a sum of integers that only grows is a counter', async () => {
    const data = sum(2, true, fixed64(6, -7n))
    const { samples, ingest } = await send(otlpRequest(service, [metric('io', 'By', data, 'What moved.')]))
    expect(samples).toMatchObject([{ metric: `__name__ io_bytes_total ${own}`, value: -7 }])
    expect([...ingest.metadata()]).toEqual([
      ['io_bytes_total', [{ type: 'counter', help: 'What moved.', unit: 'By' }]],
    ])
  })

  test('a histogram has cumulative buckets, a count and a sum', async () => {
    const counts = Buffer.concat([1n, 2n, 3n].map((count) => fixed64(1, count).subarray(1)))
    const bounds = Buffer.concat([0.5, 1e21].map((bound) => double(1, bound).subarray(1)))
    const point = Buffer.concat([time, fixed64(4, 6n), double(5, 12), message(6, counts), message(7, bounds)])
    const data = message(9, Buffer.concat([message(1, point), uint(2, 2)]))
    const { samples } = await send(otlpRequest(service, [metric('wait', 's', data)]))
    expect(samples.map(({ metric: series, value }) => [series, value])).toEqual([
      [`__name__ wait_seconds_count ${own}`, 6],
      [`__name__ wait_seconds_sum ${own}`, 12],
      [`__name__ wait_seconds_bucket ${own} le 0.5`, 1],
      [`__name__ wait_seconds_bucket ${own} le 1000000000000000000000`, 3],
      [`__name__ wait_seconds_bucket ${own} le +Inf`, 6],
    ])
  })

  test('a histogram without a sum has none', async () => {
    const data = message(9, Buffer.concat([message(1, Buffer.concat([time, fixed64(4, 6n)])), uint(2, 2)]))
    const { samples } = await send(otlpRequest(service, [metric('wait', '', data)]))
    expect(samples.map(({ metric: series }) => series?.split(' ')[1])).toEqual(['wait_count', 'wait_bucket'])
  })

  test('a summary has a sample per quantile', async () => {
    const quantile = message(6, Buffer.concat([double(1, 0.99), double(2, 3)]))
    const point = Buffer.concat([time, fixed64(4, 6n), double(5, 12), quantile])
    const { samples } = await send(otlpRequest(service, [metric('wait', '', message(11, message(1, point)))]))
    expect(samples.map(({ metric: series, value }) => [series, value])).toEqual([
      [`__name__ wait_count ${own}`, 6],
      [`__name__ wait_sum ${own}`, 12],
      [`__name__ wait ${own} quantile 0.99`, 3],
    ])
  })

  test('a point without a recorded value ends its series', async () => {
    const bits: bigint[] = []
    await send(otlpRequest(service, [metric('m', '', gaugePoint(uint(8, 1)))]), {
      append: (_refs, _times, values, count) => {
        bits.push(...new BigUint64Array(values.buffer, values.byteOffset, count))
        return Promise.resolve({ stored: count, duplicate: 0, outOfBounds: 0 })
      },
    })
    expect(bits).toEqual([staleBits])
  })
})

describe('what cannot be stored is told, and the rest is stored', () => {
  const fine = metric('fine', '', gaugePoint(double(4, 1)))

  test.each([
    [
      'a sum of differences',
      metric('m', '', sum(1, true, double(4, 1))),
      'sums whose temporality is not cumulative',
    ],
    [
      'a sum without temporality',
      metric('m', '', sum(0, true, double(4, 1))),
      'sums whose temporality is not cumulative',
    ],
    [
      'a histogram of differences',
      metric('m', '', message(9, Buffer.concat([message(1, time), uint(2, 1)]))),
      'histograms whose',
    ],
    [
      'an exponential histogram',
      metric('m', '', message(10, Buffer.concat([message(1, time), uint(2, 2)]))),
      'exponential histograms',
    ],
    ['a name of punctuation', metric('...', '', gaugePoint(double(4, 1))), 'neither letters nor digits'],
    [
      'a value of 1 MB',
      metric('m', '', gaugePoint(stringAttribute(7, 'a', 'x'.repeat(1 << 20)))),
      'labels that are not allowed',
    ],
  ])('%s', async (_what, bad, reason) => {
    const { samples, answer } = await send(otlpRequest(service, [bad, fine]))
    expect(samples.map(({ metric: series }) => series?.split(' ')[1])).toEqual(['fine'])
    const body = Buffer.from(answer.body)
    // partial_success { rejected_data_points: 1, error_message }
    expect([...body.subarray(0, 1), ...body.subarray(2, 5)].map(Number)).toEqual([0x0a, 0x08, 1, 0x12])
    expect(body.toString()).toContain(reason)
  })

  test('in JSON where the request was', async () => {
    const { answer } = await json({
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: 'm', sum: { aggregationTemporality: 1, dataPoints: [{ asInt: '1' }] } }] },
          ],
        },
      ],
    })
    expect(answer.contentType).toBe('application/json')
    expect(JSON.parse(Buffer.from(answer.body).toString())).toEqual({
      partialSuccess: {
        rejectedDataPoints: '1',
        errorMessage: 'sums whose temporality is not cumulative are not supported: 1 points',
      },
    })
  })
})

test('JSON and protobuf say the same', async () => {
  const data = sum(
    2,
    true,
    fixed64(6, 7n),
    attribute(7, 'list', message(5, Buffer.concat([message(1, text(1, 'a')), message(1, uint(3, 2))]))),
  )
  const one = await send(
    otlpRequest([...service, stringAttribute(1, 'host', 'h')], [metric('io', 'By/s', data)]),
  )
  const other = await json({
    resourceMetrics: [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: { stringValue: 'api' } },
            { key: 'service.instance.id', value: { stringValue: 'api-1' } },
            { key: 'host', value: { stringValue: 'h' } },
          ],
        },
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'io',
                unit: 'By/s',
                sum: {
                  aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
                  isMonotonic: true,
                  dataPoints: [
                    {
                      timeUnixNano: `${ms}000000`,
                      asInt: '7',
                      attributes: [
                        {
                          key: 'list',
                          value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '2' }] } },
                        },
                      ],
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  })
  expect(other.samples).toEqual(one.samples)
  expect(one.samples.map(({ metric: series }) => series)).toEqual([
    `__name__ io_bytes_per_second_total ${own} list ["a",2]`,
    `__name__ target_info host h ${own}`,
  ])
})

test('target_info is repeated while a resource has points, and needs a job or an instance', async () => {
  const at = (timestampMs: number) => fixed64(3, BigInt(timestampMs) * 1_000_000n)
  const gauge = message(
    5,
    Buffer.concat([0, 400_000, 200_000].map((t) => message(1, Buffer.concat([at(t), double(4, 1)])))),
  )
  const named = await send(
    otlpRequest([...service, stringAttribute(1, 'host', 'h')], [metric('m', '', gauge)]),
  )
  expect(
    named.samples
      .filter(({ metric: series }) => series?.includes('target_info'))
      .map(({ timestamp }) => timestamp),
  ).toEqual([0, 150_000, 300_000, 400_000])
  const nameless = await send(otlpRequest([stringAttribute(1, 'host', 'h')], [metric('m', '', gauge)]))
  expect(nameless.samples.some(({ metric: series }) => series?.includes('target_info'))).toBe(false)
})

test('VictoriaMetrics keeps names and attributes as they are', async () => {
  const data = gaugePoint(double(4, 1), stringAttribute(7, 'http.method', 'GET'))
  const body = otlpRequest(service, [metric('queue.depth', 'By', data)], [text(1, 'lib'), text(2, '1.0')])
  const { samples } = await send(body, { otlpNaming: 'victoriametrics' })
  expect(samples.map(({ metric: series }) => series)).toEqual([
    '__name__ queue.depth http.method GET scope.name lib scope.version 1.0 service.instance.id api-1 service.name api',
  ])
})

test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('a body of %s is unpacked', async (contentEncoding, pack) => {
  const body = otlpRequest(service, [metric('m', '', gaugePoint(double(4, 1)))])
  expect((await send(pack(body), {}, { contentEncoding })).samples).toHaveLength(1)
})

test.each<[string, Uint8Array, Partial<ImportRequest>, number]>([
  ['another content type', Buffer.alloc(0), { contentType: 'text/plain' }, 415],
  ['another encoding', Buffer.alloc(0), { contentEncoding: 'br' }, 415],
  ['damaged protobuf', Buffer.from([0x0a, 0x7f]), {}, 400],
  ['damaged JSON', Buffer.from('{'), { contentType: 'application/json' }, 400],
  [
    'JSON of another shape',
    Buffer.from('{"resourceMetrics":[[]]}'),
    { contentType: 'application/json' },
    400,
  ],
  ['a bomb', gzipSync(Buffer.alloc(64 << 20)), { contentEncoding: 'gzip' }, 413],
  ['too many parts', Buffer.alloc(3_000_000, Buffer.from([0x0a, 0])), {}, 413],
])('%s is refused', async (_what, body, headers, status) => {
  await expect(send(body, {}, headers)).rejects.toMatchObject({ status })
})

test('values that are nested without end are refused', async () => {
  let value = text(1, 'x')
  for (let i = 0; i < 1000; i++) value = message(5, message(1, value))
  const body = otlpRequest([attribute(1, 'deep', value)], [])
  await expect(send(body)).rejects.toMatchObject({ code: 'BAD_DATA' })
})
