import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { encodeTimeSeries } from '../../../../common/wire/time-series-encode.ts'
import { uncompressSnappy } from '../../../../common/wire/snappy-uncompress.ts'
import { message, varint } from '../../../common/wire/protobuf.ts'
import { seriesOf, storing } from '../stored-series.ts'
import { startServer } from '../test-server.ts'

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)])
const query = (name: string, fromMs: number, toMs: number): Buffer => {
  const matcher = Buffer.concat([message(2, Buffer.from('__name__')), message(3, Buffer.from(name))])
  return message(1, Buffer.concat([number(1, fromMs), number(2, toMs), message(3, matcher)]))
}

const name = (__name__: string, ins: string) => ({ __name__, ins })
const all = [
  seriesOf(name('up', 'b'), [
    [1, 1],
    [2, 'stale'],
  ]),
  seriesOf(name('up', 'a'), [[1, 3]]),
  seriesOf(name('up', 'a'), [[2, 4]]),
  seriesOf(name('load', 'a'), [[5, 6]]),
]

async function read(body: Uint8Array, limits = {}) {
  const server = await startServer({ administration: storing(all).administration, limits })
  return server.inject({
    method: 'POST',
    url: '/api/v1/read',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    payload: Buffer.from(body),
  })
}

test('every query has its result: sorted series of raw samples, in one piece each', async () => {
  const answer = await read(
    compress(Buffer.concat([query('up', 0, 2000), query('load', 0, 9000), query('no', 0, 9)])),
  )
  expect(answer.statusCode).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
  })
  const whole = seriesOf(name('up', 'a'), [
    [1, 3],
    [2, 4],
  ])
  const expected = [
    message(1, Buffer.concat([whole, all[0]!].map((series) => message(1, encodeTimeSeries(series))))),
    message(1, message(1, encodeTimeSeries(all[3]!))),
    message(1, Buffer.alloc(0)),
  ]
  expect(Buffer.from(uncompressSnappy(answer.rawPayload, 1e6)).equals(Buffer.concat(expected))).toBe(true)
})

test('more samples than the limit are refused as Prometheus refuses them', async () => {
  const answer = await read(compress(query('up', 0, 9000)), { remoteReadSamples: 20 })
  expect(answer.statusCode).toBe(400)
  expect(answer.headers['content-type']).toContain('text/plain')
  expect(answer.body).toBe('exceeded sample limit (20)\n')
})

test.each([
  ['no snappy', Buffer.from('certainly not snappy')],
  ['no protobuf', Buffer.from(compress(Buffer.from([0xff, 0xff, 0xff])))],
])('a body that is %s is refused as text', async (_what, body) => {
  const answer = await read(body)
  expect(answer.statusCode).toBe(400)
  expect(answer.body).toMatch(/^the body is not a /)
})
