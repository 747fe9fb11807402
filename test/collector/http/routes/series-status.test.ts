import { expect, test } from 'vitest'
import type { SeriesCardinality } from '../../../../common/store-administration.ts'
import { startServer } from '../test-server.ts'

type Wanted = Parameters<SeriesCardinality['cardinality']>[0]

/** A store whose series are counted already, and what was asked of it. */
function counted() {
  const asked: Wanted[] = []
  const names = (prefix: string) =>
    Array.from({ length: 12 }, (_, i) => ({ name: `${prefix}${i}`, value: 12 - i }))
  const cardinality: SeriesCardinality = {
    cardinality: (wanted) => {
      asked.push(wanted)
      return Promise.resolve({
        totalSeries: 42,
        totalLabelValuePairs: 99,
        seriesCountByMetricName: names('m'),
        seriesCountByLabelName: names('l'),
        seriesCountByFocusLabelValue: [],
        seriesCountByLabelValuePair: names('l=v'),
        labelValueCountByLabelName: names('l'),
        memoryInBytesByLabelName: names('l'),
      })
    },
  }
  return { asked, cardinality }
}

test('status/tsdb has the fields of Prometheus and those of VictoriaMetrics', async () => {
  const { cardinality, asked } = counted()
  const server = await startServer({ cardinality })
  const { data } = (await server.inject({ url: '/api/v1/status/tsdb' })).json<{
    data: Record<string, unknown>
  }>()
  expect(data).toMatchObject({
    headStats: { numSeries: 42, numLabelPairs: 78, minTime: 0, maxTime: 0 },
    totalSeries: 42,
    totalLabelValuePairs: 99,
    seriesCountByFocusLabelValue: [],
  })
  for (const list of [
    'seriesCountByMetricName',
    'seriesCountByLabelName',
    'labelValueCountByLabelName',
    'memoryInBytesByLabelName',
    'seriesCountByLabelValuePair',
  ]) {
    expect(data[list]).toHaveLength(10)
  }
  expect(asked).toEqual([{ top: 10_000, selectors: [] }])
})

test.each([
  ['topN=3', 3],
  ['limit=2', 2],
])('%s is the length of the lists', async (parameter, length) => {
  const server = await startServer({ cardinality: counted().cardinality })
  const answer = await server.inject({ url: `/api/v1/status/tsdb?${parameter}` })
  expect(
    answer.json<{ data: { seriesCountByMetricName: unknown[] } }>().data.seriesCountByMetricName,
  ).toHaveLength(length)
})

test('a day, selectors and a label to look at reach the store', async () => {
  const { cardinality, asked } = counted()
  const server = await startServer({ cardinality })
  await server.inject({
    url: '/api/v1/status/tsdb?date=2023-11-14&match[]=up&extra_label=cls=a&focusLabel=job',
  })
  await server.inject({ url: '/api/v1/status/tsdb?date=0' })
  const fromMs = Date.UTC(2023, 10, 14)
  expect(asked).toEqual([
    {
      top: 10_000,
      selectors: [
        [
          { name: '__name__', operator: '=', value: 'up' },
          { name: 'cls', operator: '=', value: 'a' },
        ],
      ],
      range: { fromMs, toMs: fromMs + 86_399_999 },
      focusLabel: 'job',
    },
    { top: 10_000, selectors: [], range: { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } },
  ])
})

test('a day that is none is refused', async () => {
  const server = await startServer({ cardinality: counted().cardinality })
  expect((await server.inject({ url: '/api/v1/status/tsdb?date=today' })).statusCode).toBe(400)
})

test('the number of series is a list of one number, as in VictoriaMetrics', async () => {
  const server = await startServer({ cardinality: counted().cardinality })
  expect((await server.inject({ url: '/api/v1/series/count' })).json()).toEqual({
    status: 'success',
    data: [42],
  })
})

test('a store that does not count its series says so', async () => {
  const server = await startServer()
  expect((await server.inject({ url: '/api/v1/status/tsdb' })).statusCode).toBe(501)
})
