import { expect, test } from 'vitest'
import { seriesOf, storing } from '../stored-series.ts'
import { startServer } from '../test-server.ts'

const up = { __name__: 'up', job: 'pg', path: 'a"b' }
const all = [
  seriesOf(up, [
    [1, 1],
    [2, Infinity],
    [3, 'stale'],
  ]),
  seriesOf(up, [[4, 0.1]]),
  seriesOf({ __name__: 'other.metric' }, [[1, 7]]),
]
const started = () => startServer({ administration: storing(all).administration })

test('raw samples come as JSON lines, a piece of a series each', async () => {
  const server = await started()
  const answer = await server.inject({ url: '/api/v1/export?match[]=up' })
  expect(answer.headers['content-type']).toBe('application/stream+json')
  expect(
    answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { metric: up, values: [1, 'Infinity', null], timestamps: [1000, 2000, 3000] },
    { metric: up, values: [0.1], timestamps: [4000] },
  ])
})

test('a line has at most max_rows_per_line samples', async () => {
  const server = await started()
  const answer = await server.inject({ url: '/prometheus/api/v1/export?match[]=up&max_rows_per_line=2' })
  expect(
    answer.body
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { values: unknown[] }).values.length),
  ).toEqual([2, 1, 1])
})

test('a range of time narrows the samples, several selectors widen the series', async () => {
  const server = await started()
  const answer = await server.inject({
    url: '/api/v1/export?match[]=up&match[]=other.metric&start=1&end=1&format=prometheus',
  })
  expect(answer.headers['content-type']).toContain('version=0.0.4')
  expect(answer.body).toBe('up{job="pg",path="a\\"b"} 1 1000\n{"other.metric"} 7 1000\n')
})

test('format=promapi is a matrix in which a series is one', async () => {
  const server = await started()
  const answer = await server.inject({ url: '/api/v1/export?match[]=up&match[]=other.metric&format=promapi' })
  expect(answer.json()).toEqual({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: [
        {
          metric: up,
          values: [
            [1, '1'],
            [2, '+Inf'],
            [3, 'NaN'],
            [4, '0.1'],
          ],
        },
        { metric: { __name__: 'other.metric' }, values: [[1, '7']] },
      ],
    },
  })
})

test('nothing that matches is an empty answer in every format', async () => {
  const server = await started()
  expect((await server.inject({ url: '/api/v1/export?match[]=no' })).body).toBe('')
  expect((await server.inject({ url: '/api/v1/export?match[]=no&format=promapi' })).json()).toMatchObject({
    data: { result: [] },
  })
})

test('CSV has a header and the columns that were asked for', async () => {
  const server = await started()
  const format = '__name__,path,none,__value__,__timestamp__:rfc3339'
  const answer = await server.inject({ url: `/api/v1/export/csv?match[]=up&start=1&end=2&format=${format}` })
  expect(answer.headers['content-type']).toContain('text/csv')
  expect(answer.body).toBe(
    '__name__,path,none,__value__,__timestamp__\n' +
      'up,"a""b",,1,1970-01-01T00:00:01.000Z\n' +
      'up,"a""b",,+Inf,1970-01-01T00:00:02.000Z\n',
  )
})

test.each([
  ['/api/v1/export', 'no match[] parameter provided'],
  [
    '/api/v1/export?match[]=up&format=parquet',
    'invalid parameter "format": unknown format "parquet"; known: prometheus, promapi',
  ],
  [
    '/api/v1/export?match[]=up&max_rows_per_line=x',
    'invalid parameter "max_rows_per_line": cannot parse "x" to a whole number from 0 to 1000000000',
  ],
  [
    '/api/v1/export/csv?match[]=up&format=__timestamp__:custom:2006',
    'invalid parameter "format": unknown format of time "custom:2006"; known: unix_s, unix_ms, unix_ns, rfc3339',
  ],
])('%s is refused', async (url, error) => {
  const server = await started()
  const answer = await server.inject({ url })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ errorType: 'bad_data', error })
})

test('a store that cannot export says so', async () => {
  const server = await startServer()
  for (const url of ['/api/v1/export?match[]=up', '/federate?match[]=up', '/snapshot/list']) {
    const answer = await server.inject({ url })
    expect(answer.statusCode).toBe(501)
    expect(answer.json<{ error: string }>().error).toContain(
      'the store behind this collector does not support',
    )
  }
})

test('more exports than may be sent at one time are answered 429', async () => {
  const { administration } = storing(all)
  const held = Promise.withResolvers<undefined>()
  const started = Promise.withResolvers<undefined>()
  const server = await startServer({
    administration: {
      ...administration,
      async *exportSeries(...wanted) {
        started.resolve(undefined)
        await held.promise
        yield* administration.exportSeries(...wanted)
      },
    },
    limits: { concurrentExports: 1, waitingQueries: 0 },
  })
  const url = '/api/v1/export?match[]=up'
  const first = server.inject({ url })
  await started.promise
  expect((await server.inject({ url })).statusCode).toBe(429)
  held.resolve(undefined)
  expect((await first).statusCode).toBe(200)
  expect((await server.inject({ url })).statusCode).toBe(200)
})
