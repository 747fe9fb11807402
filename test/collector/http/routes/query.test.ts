import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import type { ErrorCode } from '../../../../common/errors.ts'
import { answering, scalarOne, startServer } from '../test-server.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }

test('an expression is taken from the URL with a time in seconds or RFC 3339', async () => {
  const query = answering(scalarOne)
  const server = await startServer({ query })
  for (const time of ['1700000000.5', '2023-11-14T22:13:20.5Z', '2023-11-14T23:13:20.500%2B01:00']) {
    expect((await server.inject({ url: `/api/v1/query?query=up&time=${time}` })).statusCode).toBe(200)
  }
  expect(query.asked).toEqual(Array.from({ length: 3 }, () => ['up', 1_700_000_000_500]))
})

test('the answer has the shape of Prometheus', async () => {
  const server = await startServer()
  const answer = await server.inject({ url: '/api/v1/query?query=1' })
  expect(answer.headers['content-type']).toContain('application/json')
  expect(answer.json()).toEqual({ status: 'success', data: { resultType: 'scalar', result: [1.5, '1'] } })
})

test('a form body and the URL are merged, the body first', async () => {
  const query = answering(scalarOne)
  const server = await startServer({ query })
  await server.inject({
    method: 'POST',
    url: '/api/v1/query?query=from_url&time=4',
    headers: form,
    payload: 'query=from%20body',
  })
  expect(query.asked).toEqual([['from body', 4000]])
})

test('a POST with everything in the URL and an empty body that claims to be JSON works, as vmalert sends it', async () => {
  const query = answering(scalarOne)
  const server = await startServer({ query })
  const answer = await server.inject({
    method: 'POST',
    url: '/prometheus/api/v1/query?query=up&step=300s&time=4',
    headers: { 'content-type': 'application/json' },
    payload: '',
  })
  expect(answer.statusCode).toBe(200)
  expect(query.asked).toEqual([['up', 4000]])
})

test('unknown parameters are ignored', async () => {
  const server = await startServer()
  expect((await server.inject({ url: '/api/v1/query?query=1&stats=all&nocache=1' })).statusCode).toBe(200)
})

test.each([
  ['', 'invalid parameter "query": an expression is required'],
  ['query=up&time=yesterday', 'invalid parameter "time": cannot parse "yesterday" to a valid timestamp'],
  ['query=up&time=1e300', 'invalid parameter "time": cannot parse "1e300" to a valid timestamp'],
  ['query=up&timeout=soon', 'invalid parameter "timeout": cannot parse "soon" to a valid duration'],
  [
    'query=up&limit=-1',
    'invalid parameter "limit": cannot parse "-1" to a limit: it must be 0 or a positive integer',
  ],
])('the parameters %j are refused with what is wrong', async (parameters, error) => {
  const server = await startServer()
  const answer = await server.inject({ url: `/api/v1/query?${parameters}` })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toEqual({ status: 'error', errorType: 'bad_data', error })
})

test.each<[ErrorCode, number, string]>([
  ['QUERY_FAILED', 422, 'execution'],
  ['QUERY_LIMIT', 422, 'execution'],
  ['TIMED_OUT', 503, 'timeout'],
  ['CANCELLED', 499, 'canceled'],
  ['UNREACHABLE', 503, 'unavailable'],
])('an engine that fails with %s is answered with status %d and type %s', async (code, status, errorType) => {
  const instant = () => Promise.reject(new PgherdError(code, '1:3: what happened'))
  const server = await startServer({ query: { instant, range: instant } })
  const answer = await server.inject({ url: '/api/v1/query?query=x' })
  expect(answer.statusCode).toBe(status)
  expect(answer.json()).toEqual({ status: 'error', errorType, error: '1:3: what happened' })
})

test('a query that does not parse is answered as an invalid parameter with the position', async () => {
  const instant = () => Promise.reject(new PgherdError('QUERY_INVALID', '1:5: parse error: unexpected end'))
  const server = await startServer({ query: { instant, range: instant } })
  for (const url of ['/api/v1/query?query=sum(', '/api/v1/query_range?query=sum(&start=0&end=1&step=1']) {
    const answer = await server.inject({ url })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({
      status: 'error',
      errorType: 'bad_data',
      error: 'invalid parameter "query": 1:5: parse error: unexpected end',
    })
  }
})

test('a defect is answered with 500 and tells nothing of its insides', async () => {
  const instant = () => Promise.reject(new TypeError('secret detail'))
  const server = await startServer({ query: { instant, range: instant } })
  const answer = await server.inject({ url: '/api/v1/query?query=x' })
  expect(answer.statusCode).toBe(500)
  expect(answer.json()).toMatchObject({ errorType: 'internal' })
  expect(answer.body).not.toContain('secret')
})

test('more queries than may run and wait are answered 429 with Retry-After', async () => {
  const blocked = Promise.withResolvers<{ value: typeof scalarOne }>()
  const started = Promise.withResolvers<undefined>()
  const instant = () => {
    started.resolve(undefined)
    return blocked.promise
  }
  const server = await startServer({
    query: { instant, range: instant },
    limits: { concurrentQueries: 1, waitingQueries: 0 },
  })
  const first = server.inject({ url: '/api/v1/query?query=x' })
  await started.promise
  const second = await server.inject({ url: '/api/v1/query?query=x' })
  expect(second.statusCode).toBe(429)
  expect(second.headers['retry-after']).toBe('5')
  blocked.resolve({ value: scalarOne })
  expect((await first).statusCode).toBe(200)
})

test('a limit cuts the series off and says so', async () => {
  const samples = ['a', 'b', 'c'].map((n) => ({ labels: ['n', n], value: 1 }))
  const server = await startServer({ query: answering({ kind: 'vector', timestampMs: 0, samples }) })
  const answer = await server.inject({ url: '/api/v1/query?query=x&limit=2' })
  expect(answer.json()).toMatchObject({
    warnings: ['results truncated due to limit'],
    data: { result: [{ metric: { n: 'a' } }, { metric: { n: 'b' } }] },
  })
})

test('a query body over the limit is answered 413', async () => {
  const server = await startServer({ limits: { queryBodyBytes: 100 } })
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/query',
    headers: form,
    payload: `query=${'x'.repeat(200)}`,
  })
  expect(answer.statusCode).toBe(413)
  expect(answer.json()).toMatchObject({ status: 'error', errorType: 'bad_data' })
})

test('a compressed form is refused for what it is, not for the query that it seems to lack', async () => {
  const server = await startServer()
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/query',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
    payload: gzipSync('query=1'),
  })
  expect(answer.statusCode).toBe(415)
  expect(answer.json()).toMatchObject({ error: 'a form is taken as it is, not as "gzip"' })
})
