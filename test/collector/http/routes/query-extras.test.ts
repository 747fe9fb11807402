import { expect, test } from 'vitest'
import type { QueryOptions, QueryValue } from '../../../../collector/http/query-service.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { answering, scalarOne, startServer } from '../test-server.ts'

/** A query service that also remembers its options and says what it fetched. */
function recording(value: QueryValue = scalarOne) {
  const asked: { text: string; options: QueryOptions }[] = []
  const answer = (text: string, options: QueryOptions) => {
    asked.push({ text, options })
    return Promise.resolve({ value, fetched: { series: 12, samples: 345 } })
  }
  return {
    asked,
    query: {
      instant: (text: string, _timeMs: number, options: QueryOptions) => answer(text, options),
      range: (text: string, _start: number, _end: number, _step: number, options: QueryOptions) =>
        answer(text, options),
    },
  }
}

test('times relative to now and in milliseconds are taken, as VictoriaMetrics takes them', async () => {
  const query = answering(scalarOne)
  const server = await startServer({ query, clock: createManualClock(1_000_000_000_000) })
  for (const time of ['now-1h', '-1h', '999996400000', '']) {
    await server.inject({ url: `/api/v1/query?query=up&time=${time}` })
  }
  expect(query.asked.map(([, time]) => time)).toEqual([
    999_996_400_000, 999_996_400_000, 999_996_400_000, 1e12,
  ])
})

test.each(['lookback_delta=1m', 'max_lookback=60'])('%s is the lookback of the query', async (parameter) => {
  const { query, asked } = recording()
  const server = await startServer({ query })
  await server.inject({ url: `/api/v1/query?query=up&${parameter}` })
  await server.inject({ url: `/api/v1/query_range?query=up&start=0&end=1&step=1&${parameter}` })
  await server.inject({ url: '/api/v1/query?query=up' })
  expect(asked.map(({ options }) => options.lookbackMs)).toEqual([60_000, 60_000, undefined])
})

test('the step of an instant query is what the engine takes for the one it lacks', async () => {
  const { query, asked } = recording()
  const server = await startServer({ query })
  for (const step of ['300s', '15', '', '0']) {
    await server.inject({ url: `/api/v1/query?query=up&step=${step}` })
  }
  expect(asked.map(({ options }) => options.askedStepMs)).toEqual([300_000, 15_000, undefined, undefined])
  const answer = await server.inject({ url: '/api/v1/query?query=up&step=-1' })
  expect(answer.json()).toMatchObject({ error: 'invalid parameter "step": it must not be negative' })
})

test("VictoriaMetrics' statistics are always there, with the number of series as text", async () => {
  const server = await startServer({ query: recording().query, clock: createManualClock() })
  const answer = await server.inject({ url: '/api/v1/query?query=1' })
  expect(answer.json()).toEqual({
    status: 'success',
    data: { resultType: 'scalar', result: [1.5, '1'] },
    stats: { seriesFetched: '12', executionTimeMsec: 0 },
  })
})

test("stats=all adds Prometheus' object to the data", async () => {
  const server = await startServer({ query: recording().query, clock: createManualClock() })
  const answer = await server.inject({ url: '/api/v1/query_range?query=1&start=0&end=1&step=1&stats=all' })
  expect(answer.json<{ data: { stats: unknown } }>().data.stats).toEqual({
    timings: {
      evalTotalTime: 0,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: 0,
      execQueueTime: 0,
      execTotalTime: 0,
    },
    samples: { totalQueryableSamples: 345, peakSamples: 345 },
  })
})

test('round_digits rounds the values', async () => {
  const values = Float64Array.of(1.2345, -2.5, Infinity)
  const series = [{ labels: [], timestamps: Float64Array.of(0, 1000, 2000), values }]
  const server = await startServer({ query: answering({ kind: 'matrix', series }) })
  const rounded = async (digits: number) => {
    const answer = await server.inject({ url: `/api/v1/query?query=x&round_digits=${digits}` })
    const { data } = answer.json<{ data: { result: { values: [number, string][] }[] } }>()
    return data.result[0]?.values.map(([, text]) => text)
  }
  expect(await rounded(2)).toEqual(['1.23', '-2.5', '+Inf'])
  expect(await rounded(0)).toEqual(['1', '-3', '+Inf'])
})

test('extra labels and filters narrow the query before it is evaluated', async () => {
  const { query, asked } = recording()
  const server = await startServer({ query })
  await server.inject({
    method: 'POST',
    url: '/api/v1/query?extra_label=cls=main',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'query=up&extra_filters[]=a&extra_filters[]=b',
  })
  const label = { name: 'cls', operator: '=', value: 'main' }
  const selector = (value: string) => ({ name: '__name__', operator: '=', value })
  expect(asked[0]?.text).toBe(
    `up ${JSON.stringify([
      [selector('a'), label],
      [selector('b'), label],
    ])}`,
  )
})

test.each([
  ['extra_label=cls', 'invalid parameter "extra_label": "cls" does not have the form name=value'],
  [
    'round_digits=x',
    'invalid parameter "round_digits": cannot parse "x" to a whole number from -1000 to 1000',
  ],
  ['lookback_delta=-5', 'invalid parameter "lookback_delta": it must not be negative'],
])('%s is refused', async (parameter, error) => {
  const server = await startServer()
  const answer = await server.inject({ url: `/api/v1/query?query=up&${parameter}` })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ errorType: 'bad_data', error })
})

test('warnings and infos of the engine are passed on', async () => {
  const instant = () => Promise.resolve({ value: scalarOne, warnings: ['w'], infos: ['i'] })
  const server = await startServer({ query: { instant, range: instant } })
  const answer = await server.inject({ url: '/api/v1/query?query=x' })
  expect(answer.json()).toMatchObject({ status: 'success', warnings: ['w'], infos: ['i'] })
})

test('more parameters than any client sends are refused before they are read', async () => {
  const server = await startServer()
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/query',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'a&'.repeat(20_000),
  })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ error: 'the request has more than 10000 parameters' })
})

test('running and ended queries are listed as VictoriaMetrics lists them', async () => {
  const clock = createManualClock(1_000_000)
  const blocked = Promise.withResolvers<{ value: typeof scalarOne }>()
  const started = Promise.withResolvers<undefined>()
  const instant = () => {
    started.resolve(undefined)
    return blocked.promise
  }
  const server = await startServer({ clock, query: { instant, range: instant } })
  const running = server.inject({ url: '/api/v1/query_range?query=slow&start=0&end=60&step=15' })
  await started.promise
  await clock.advance(2000)
  expect((await server.inject({ url: '/api/v1/status/active_queries' })).json()).toEqual({
    status: 'ok',
    data: [
      {
        duration: '2.000s',
        id: '0000000000000001',
        remote_addr: '127.0.0.1',
        query: 'slow',
        start: 0,
        end: 60_000,
        step: 15_000,
      },
    ],
  })
  blocked.resolve({ value: scalarOne })
  await running
  await server.inject({ url: '/api/v1/query?query=quick' })
  const top = (
    await server.inject({ url: '/api/v1/status/top_queries?topN=1&maxLifetime=1h' })
  ).json<object>()
  const slow = { query: 'slow', timeRangeSeconds: 60, count: 1 }
  expect(top).toMatchObject({
    topN: '1',
    maxLifetime: '3600s',
    topByAvgDuration: [{ ...slow, avgDurationSeconds: 2 }],
    topBySumDuration: [{ ...slow, sumDurationSeconds: 2 }],
  })
  expect((await server.inject({ url: '/api/v1/status/active_queries' })).json()).toMatchObject({ data: [] })
})

test('a timeout of nothing is over at once', async () => {
  const { query, asked } = recording()
  const server = await startServer({ query })
  const answer = await server.inject({ url: '/api/v1/query?query=up&timeout=0.0001' })
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toMatchObject({ errorType: 'timeout' })
  expect(asked).toEqual([])
})
