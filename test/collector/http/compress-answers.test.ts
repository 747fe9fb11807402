import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { acceptedEncoding } from '../../../collector/http/compress-answers.ts'
import { answering, startServer } from './test-server.ts'

const many = Array.from({ length: 20_000 }, (_, i) => ({ labels: ['n', String(i)], value: i }))
const vector = (count: number) => ({ kind: 'vector', timestampMs: 0, samples: many.slice(0, count) }) as const

test.each([
  ['gzip', gunzipSync],
  ['zstd', zstdDecompressSync],
  ['deflate', inflateSync],
])('an answer is sent as %s, whole and in pieces', async (encoding, unpack) => {
  for (const count of [100, 20_000]) {
    const server = await startServer({ query: answering(vector(count)) })
    const url = '/api/v1/query?query=x'
    const plain = await server.inject({ url })
    const packed = await server.inject({ url, headers: { 'accept-encoding': encoding } })
    expect(packed.headers).toMatchObject({ 'content-encoding': encoding, vary: 'accept-encoding' })
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3)
    expect(unpack(packed.rawPayload).equals(plain.rawPayload)).toBe(true)
  }
})

test('a small answer is sent as it is', async () => {
  const server = await startServer()
  const answer = await server.inject({ url: '/api/v1/query?query=1', headers: { 'accept-encoding': 'gzip' } })
  expect(answer.headers['content-encoding']).toBeUndefined()
})

test('over a connection the pieces of a compressed answer arrive whole', async () => {
  const server = await startServer({ query: answering(vector(20_000)) })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const received = await new Promise<Buffer>((resolve, reject) => {
    request(`${url}/api/v1/query?query=x`, { headers: { 'accept-encoding': 'gzip' } }, (answer) => {
      buffer(answer).then(resolve, reject)
    }).end()
  })
  const { data } = JSON.parse(gunzipSync(received).toString()) as { data: { result: unknown[] } }
  expect(data.result).toHaveLength(20_000)
})

test.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['br', undefined],
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['GZIP;q=0.5', 'gzip'],
  ['zstd;q=0, gzip', 'gzip'],
  ['*', 'zstd'],
  ['*;q=0', undefined],
  ['gzip;q=0', undefined],
])('of Accept-Encoding %j the choice is %s', (header, expected) => {
  expect(acceptedEncoding(header)).toBe(expected)
})
