import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { queryCollector, readMetrics } from '../../testbed/collector-api.ts'

/** Answers every request with one body, and keeps the last URL it was asked for. */
async function serve(status: number, body: string): Promise<{ url: string; asked: () => string }> {
  let asked = ''
  const server = createServer((request, response) => {
    asked = request.url ?? ''
    response.writeHead(status).end(body)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked }
}

test('an instant vector has one point per series', async () => {
  const { url, asked } = await serve(
    200,
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"ins":"a-1"},"value":[12.5,"+Inf"]}]}}',
  )
  expect(await queryCollector(url, 'up == 1', 20_000)).toEqual([
    { metric: { ins: 'a-1' }, points: [{ timestampMs: 12_500, value: Number.POSITIVE_INFINITY }] },
  ])
  expect(asked()).toBe('/api/v1/query?query=up+%3D%3D+1&time=20')
})

test('a range selector has all raw samples', async () => {
  const { url } = await serve(
    200,
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"],[2.001,"0"]]}]}}',
  )
  const [series] = await queryCollector(url, 'up[1m]')
  expect(series?.points).toEqual([
    { timestampMs: 1000, value: 1 },
    { timestampMs: 2001, value: 0 },
  ])
})

test('an error answer is thrown with its text', async () => {
  const { url } = await serve(400, '{"status":"error","errorType":"bad_data","error":"unexpected end"}')
  await expect(queryCollector(url, 'up[')).rejects.toThrow(/answered 400: .*unexpected end/)
})

test('metrics are read with their labels, comments are not', async () => {
  const { url } = await serve(
    200,
    '# HELP a_total b\n# TYPE a_total counter\na_total 3\nb{kind="x y"} 1.5e3 1000\n',
  )
  expect([...(await readMetrics(url))]).toEqual([
    ['a_total', 3],
    ['b{kind="x y"}', 1500],
  ])
})
