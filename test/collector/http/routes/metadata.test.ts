import { expect, test, vi } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import type { IndexLimits, SeriesIndex } from '../../../../collector/http/dependencies.ts'
import { startServer } from '../test-server.ts'

/** An index that remembers what it was asked. */
function recordingIndex(answers: { names?: string[]; values?: string[]; series?: string[][] }) {
  const asked: unknown[][] = []
  const index: SeriesIndex = {
    labelNames: (...wanted) => {
      asked.push(wanted.slice(0, -1))
      return Promise.resolve(answers.names ?? [])
    },
    labelValues: (...wanted) => {
      asked.push(wanted.slice(0, -1))
      return Promise.resolve(answers.values ?? [])
    },
    series: (...wanted) => {
      asked.push(wanted.slice(0, -1))
      return Promise.resolve(answers.series ?? [])
    },
  }
  return { index, asked }
}

const selector = (value: string) => [{ name: '__name__', operator: '=', value }]

test('label names come sorted, and without a time all of it is meant', async () => {
  const { index, asked } = recordingIndex({ names: ['job', '__name__', 'cls'] })
  const server = await startServer({ index })
  const answer = await server.inject({ url: '/api/v1/labels' })
  expect(answer.json()).toEqual({ status: 'success', data: ['__name__', 'cls', 'job'] })
  expect(asked).toEqual([[[], 0, Number.MAX_SAFE_INTEGER]])
})

test('repeated match[] parameters, start and end reach the index', async () => {
  const { index, asked } = recordingIndex({ values: ['up'] })
  const server = await startServer({ index })
  const answer = await server.inject({
    url: '/api/v1/label/__name__/values?match[]=up&match%5B%5D=pg_up&start=1&end=2.5',
  })
  expect(answer.json()).toEqual({ status: 'success', data: ['up'] })
  expect(asked).toEqual([['__name__', [selector('up'), selector('pg_up')], 1000, 2500]])
})

test('series are objects, sorted; a form body is accepted', async () => {
  const { index } = recordingIndex({
    series: [
      ['__name__', 'up', 'ins', 'b'],
      ['__name__', 'up', 'ins', 'a'],
    ],
  })
  const server = await startServer({ index })
  const answer = await server.inject({
    method: 'POST',
    url: '/prometheus/api/v1/series',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'match[]=up',
  })
  expect(answer.json()).toEqual({
    status: 'success',
    data: [
      { __name__: 'up', ins: 'a' },
      { __name__: 'up', ins: 'b' },
    ],
  })
})

test('a limit cuts the list off with a warning', async () => {
  const { index } = recordingIndex({ names: ['a', 'b', 'c'] })
  const server = await startServer({ index })
  const answer = await server.inject({ url: '/api/v1/labels?limit=2' })
  expect(answer.json()).toEqual({
    status: 'success',
    warnings: ['results truncated due to limit'],
    data: ['a', 'b'],
  })
})

test('a list of more than one piece is one valid document', async () => {
  const names = Array.from({ length: 2000 }, (_, i) => `label_${String(i).padStart(4, '0')}`)
  const { index } = recordingIndex({ names })
  const server = await startServer({ index })
  expect((await server.inject({ url: '/api/v1/labels' })).json()).toEqual({ status: 'success', data: names })
})

test('series without a selector are refused', async () => {
  const server = await startServer()
  const answer = await server.inject({ url: '/api/v1/series' })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ error: 'no match[] parameter provided' })
})

test('a selector that does not parse names its parameter', async () => {
  const server = await startServer({
    parseSelector: () => {
      throw new PgherdError('QUERY_INVALID', '1:1: parse error')
    },
  })
  const answer = await server.inject({ url: '/api/v1/labels?match[]={' })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ error: 'invalid parameter "match[]": 1:1: parse error' })
})

test('extra labels and filters narrow what is listed', async () => {
  const { index, asked } = recordingIndex({})
  const server = await startServer({ index })
  const cls = { name: 'cls', operator: '=', value: 'a' }
  await server.inject({ url: '/api/v1/labels?extra_label=cls=a' })
  await server.inject({ url: '/api/v1/labels?match[]=up&match[]=load&extra_label=cls=a' })
  await server.inject({ url: '/api/v1/labels?match[]=up&extra_filters[]=x&extra_filters[]=y' })
  expect(asked.map(([selectors]) => selectors)).toEqual([
    [[cls]],
    [
      [...selector('up'), cls],
      [...selector('load'), cls],
    ],
    [
      [...selector('up'), ...selector('x')],
      [...selector('up'), ...selector('y')],
    ],
  ])
})

test('more selectors than any client sends are refused', async () => {
  const server = await startServer()
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/series',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: Array.from({ length: 5000 }, (_, i) => `match[]=m${i}`).join('&'),
  })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({
    error: 'invalid parameter "match[]": there are 5000 of them; at most 1000 are accepted',
  })
})

test.each(['/api/v1/labels', '/api/v1/label/job/values', '/api/v1/series?match[]=up'])(
  'the search for %s ends with its client',
  async (path) => {
    const searching = Promise.withResolvers<AbortSignal>()
    const search = (...wanted: unknown[]): Promise<never> => {
      searching.resolve((wanted.at(-1) as IndexLimits).signal)
      return new Promise(() => undefined)
    }
    const server = await startServer({ index: { series: search, labelNames: search, labelValues: search } })
    const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
    const client = new AbortController()
    const answer = fetch(`${url}${path}`, { signal: client.signal }).catch(() => 'gone')
    const signal = await searching.promise
    expect(signal.aborted).toBe(false)
    client.abort()
    await answer
    await vi.waitFor(() => expect(signal.aborted).toBe(true))
  },
)

test('series are searched for up to what an answer may have', async () => {
  const limits: IndexLimits[] = []
  const series: SeriesIndex['series'] = (_selectors, _fromMs, _toMs, given) => {
    limits.push(given)
    return Promise.resolve([])
  }
  const { index } = recordingIndex({})
  const server = await startServer({ index: { ...index, series }, limits: { answerSamples: 1600 } })
  await server.inject({ url: '/api/v1/series?match[]=up' })
  expect(limits.map(({ maxSeries }) => maxSeries)).toEqual([100])
})
