import { expect, test } from 'vitest'
import type { HttpDependencies } from '../../../../collector/http/dependencies.ts'
import type { CompareRequest, TopQueries, TopRequest } from '../../../../common/insight/queries-view.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { startServer } from '../test-server.ts'

const nowMs = Date.parse('2026-11-27T02:00:00Z')
const hour = 3_600_000
const empty: TopQueries = {
  startMs: 0,
  endMs: 0,
  timeSeconds: 0,
  calls: 0,
  p50: null,
  p95: null,
  p99: null,
  rows: [],
  others: [],
}

async function serve(queries: Partial<HttpDependencies['queries']>) {
  const refused = () => Promise.reject(new Error('not asked in this test'))
  const server = await startServer({
    clock: { ...createManualClock(nowMs), now: () => nowMs },
    queries: { top: refused, one: refused, compare: refused, texts: () => [], ...queries },
  })
  return async (url: string) => {
    const answer = await server.inject({ method: 'GET', url })
    return { status: answer.statusCode, body: answer.json<{ data?: unknown; error?: string }>() }
  }
}

test('without a word it is the hour until now by time', async () => {
  const asked: TopRequest[] = []
  const get = await serve({
    top: (request) => {
      asked.push(request)
      return Promise.resolve(empty)
    },
  })
  expect(await get('/api/v1/queries')).toMatchObject({ status: 200, body: { data: empty } })
  expect(asked).toEqual([{ startMs: nowMs - hour, endMs: nowMs, sort: 'time', limit: 20 }])
})

test('cluster, server, database, range, order and length are the asker’s', async () => {
  const asked: TopRequest[] = []
  const get = await serve({
    top: (request) => {
      asked.push(request)
      return Promise.resolve(empty)
    },
  })
  await get(
    '/api/v1/queries?cluster=pg-main&server=pg-main-2&datname=app&start=now-2h&end=now-1h&sort=p99&limit=5',
  )
  expect(asked).toEqual([
    {
      cluster: 'pg-main',
      server: 'pg-main-2',
      datname: 'app',
      startMs: nowMs - 2 * hour,
      endMs: nowMs - hour,
      sort: 'p99',
      limit: 5,
    },
  ])
})

test('the earlier of two ranges ends where the later begins, unless it is told', async () => {
  const asked: CompareRequest[] = []
  const get = await serve({
    compare: (request) => {
      asked.push(request)
      const { before, after } = request
      return Promise.resolve({ before, after, rows: [] })
    },
  })
  await get('/api/v1/queries/compare?start=now-1h')
  await get('/api/v1/queries/compare?start=now-1h&before_start=now-26h&before_end=now-25h')
  expect(asked.map(({ before }) => before)).toEqual([
    { startMs: nowMs - 2 * hour, endMs: nowMs - hour },
    { startMs: nowMs - 26 * hour, endMs: nowMs - 25 * hour },
  ])
})

test.each([
  ['/api/v1/queries?sort=fun', /sort.*time, calls/],
  ['/api/v1/queries?limit=0', /limit/],
  ['/api/v1/queries?start=now', /at least 10 s/],
  ['/api/v1/queries?start=0', /400 days/],
  ['/api/v1/queries/select', /no queryid/],
])('%s is refused with what is allowed', async (url, message) => {
  const { status, body } = await (await serve({}))(url)
  expect(status).toBe(400)
  expect(body.error).toMatch(message)
})

test('a statement that nobody knows is not found', async () => {
  const get = await serve({
    one: ({ startMs, endMs }) => Promise.resolve({ startMs, endMs, stepMs: 60_000, found: [] }),
  })
  expect(await get('/api/v1/queries/-42')).toMatchObject({
    status: 404,
    body: { error: 'no statement -42 is known there' },
  })
})

test('texts are asked for by identifiers', async () => {
  const text = { cluster: 'pg-main', datname: 'app', query: '1', text: 'select $1' }
  const get = await serve({
    texts: ({ cluster }, queries) => (cluster === 'pg-main' && queries.join() === '1,2' ? [text] : []),
  })
  const { body } = await get('/api/v1/queries/texts?cluster=pg-main&query=1&query=2')
  expect(body.data).toEqual([text])
})
