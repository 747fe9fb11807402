import { expect, test } from 'vitest'
import { createManualClock } from '../../../manual-clock.ts'
import { answering, scalarOne, startServer } from '../test-server.ts'

const matrix = {
  kind: 'matrix',
  series: [
    {
      labels: ['__name__', 'up'],
      timestamps: Float64Array.of(1000, 16_000),
      values: Float64Array.of(1, Number.NaN),
    },
  ],
} as const

test.each(['15s', '15', '15.0', '15000ms'])('a step of %s is 15 seconds', async (step) => {
  const query = answering(matrix)
  const server = await startServer({ query })
  const answer = await server.inject({ url: `/api/v1/query_range?query=up&start=1&end=16&step=${step}` })
  expect(query.asked).toEqual([['up', 1000, 16_000, 15_000]])
  expect(answer.json()).toEqual({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'up' },
          values: [
            [1, '1'],
            [16, 'NaN'],
          ],
        },
      ],
    },
  })
})

test('without start, end and step it is the last five minutes in steps of five, as in VictoriaMetrics', async () => {
  const query = answering(matrix)
  const server = await startServer({ query, clock: createManualClock(1_000_000_000) })
  await server.inject({ url: '/api/v1/query_range?query=up' })
  await server.inject({ url: '/api/v1/query_range?query=up&end=now-1h&step=1m' })
  expect(query.asked).toEqual([
    ['up', 999_700_000, 1_000_000_000, 300_000],
    ['up', 996_100_000, 996_400_000, 60_000],
  ])
})

test('11,000 steps are allowed', async () => {
  const server = await startServer({ query: answering(scalarOne) })
  const answer = await server.inject({ url: '/api/v1/query_range?query=up&start=0&end=11000&step=1' })
  expect(answer.statusCode).toBe(200)
})

test.each([
  ['query=up&start=2&end=1&step=1', 'invalid parameter "end": end timestamp must not be before start time'],
  [
    'query=up&start=1&end=2&step=0',
    'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
  ],
  [
    'query=up&start=0&end=11001&step=1',
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
  ],
])('the parameters %j are refused as Prometheus refuses them', async (parameters, error) => {
  const server = await startServer()
  const answer = await server.inject({ url: `/api/v1/query_range?${parameters}` })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toEqual({ status: 'error', errorType: 'bad_data', error })
})
