import { expect, test } from 'vitest'
import type { HttpDependencies } from '../../../../collector/http/dependencies.ts'
import type { QueryValue } from '../../../../collector/http/query-service.ts'
import { answering, startServer } from '../test-server.ts'

// What Grafana's Prometheus data source sends, call by call (grafana-prometheus: resource_clients, datasource.ts).
const form = { 'content-type': 'application/x-www-form-urlencoded' }

const index: HttpDependencies['index'] = {
  series: () => Promise.resolve([['__name__', 'up', 'job', 'pg']]),
  labelNames: () => Promise.resolve(['__name__', 'service.name']),
  labelValues: (name) => Promise.resolve([`value of ${name}`]),
}

const two: QueryValue = { kind: 'scalar', timestampMs: 4000, value: 2 }

test('the health check asks for 1+1 at time 4, then for the version', async () => {
  const query = answering(two)
  const server = await startServer({ query })
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/query',
    headers: form,
    payload: 'query=1%2B1&time=4',
  })
  expect(query.asked).toEqual([['1+1', 4000]])
  expect(answer.json()).toMatchObject({ status: 'success', data: { resultType: 'scalar', result: [4, '2'] } })
  const buildinfo = await server.inject({ url: '/api/v1/status/buildinfo' })
  expect(buildinfo.json()).toMatchObject({
    status: 'success',
    data: { version: expect.any(String) as string },
  })
})

test('a panel sends its range as a form, in seconds', async () => {
  const query = answering({ kind: 'matrix', series: [] })
  const server = await startServer({ query })
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/query_range',
    headers: form,
    payload: 'query=rate%28m%5B1m0s%5D%29&start=1700000000&end=1700003600&step=15',
  })
  expect(answer.json()).toEqual({ status: 'success', data: { resultType: 'matrix', result: [] } })
  expect(query.asked).toEqual([['rate(m[1m0s])', 1_700_000_000_000, 1_700_003_600_000, 15_000]])
})

test('the probe for exemplars gets an empty list', async () => {
  const server = await startServer()
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/query_exemplars',
    headers: form,
    payload: 'query=up&start=1&end=2',
  })
  expect(answer.json()).toEqual({ status: 'success', data: [] })
})

test('labels are browsed with GET, with a selector, a range and a limit', async () => {
  const server = await startServer({ index })
  const range = 'start=1700000000&end=1700003600&limit=40000'
  const names = await server.inject({ url: `/api/v1/labels?match%5B%5D=up&${range}` })
  expect(names.json()).toEqual({ status: 'success', data: ['__name__', 'service.name'] })
  const values = await server.inject({ url: `/api/v1/label/job/values?match%5B%5D=up&${range}` })
  expect(values.json()).toEqual({ status: 'success', data: ['value of job'] })
})

test('a label outside of the old alphabet is asked for by its escaped name', async () => {
  const server = await startServer({ index })
  const answer = await server.inject({ url: '/api/v1/label/U__service_2e_name/values' })
  expect(answer.json()).toEqual({ status: 'success', data: ['value of service.name'] })
})

test('series are listed up to a limit, by GET or as a form', async () => {
  const server = await startServer({ index })
  const payload = 'match%5B%5D=up&start=1700000000&end=1700003600&limit=1'
  const expected = { status: 'success', data: [{ __name__: 'up', job: 'pg' }] }
  expect((await server.inject({ url: `/api/v1/series?${payload}` })).json()).toEqual(expected)
  const posted = await server.inject({ method: 'POST', url: '/api/v1/series', headers: form, payload })
  expect(posted.json()).toEqual(expected)
})

test('metadata and rules have the shapes that its editor and alert lists read', async () => {
  const server = await startServer()
  expect((await server.inject({ url: '/api/v1/metadata?limit=5000' })).json()).toEqual({
    status: 'success',
    data: {},
  })
  expect((await server.inject({ url: '/api/v1/rules' })).json()).toEqual({
    status: 'success',
    data: { groups: [] },
  })
})

test('a bad expression is a 400 whose body says what is wrong', async () => {
  const server = await startServer()
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/query',
    headers: form,
    payload: 'time=4',
  })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toEqual({
    status: 'error',
    errorType: 'bad_data',
    error: 'invalid parameter "query": an expression is required',
  })
})
