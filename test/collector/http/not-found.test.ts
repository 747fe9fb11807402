import { expect, test } from 'vitest'
import { startServer } from './test-server.ts'

test.each([
  ['DELETE', '/api/v1/query', 'GET, HEAD, POST, OPTIONS'],
  ['PUT', '/prometheus/api/v1/label/job/values', 'GET, HEAD, POST, OPTIONS'],
  ['GET', '/api/v1/admin/tsdb/delete_series?match[]=up', 'POST, PUT, OPTIONS'],
  ['GET', '/snapshot/delete?snapshot=x', 'POST, OPTIONS'],
  ['GET', '/snapshot/delete_all', 'POST, OPTIONS'],
  ['POST', '/federate', 'GET, HEAD, OPTIONS'],
] as const)('%s %s is a method that is not allowed', async (method, url, allow) => {
  const server = await startServer()
  const answer = await server.inject({ method, url })
  expect(answer.statusCode).toBe(405)
  expect(answer.headers.allow).toBe(allow)
  expect(answer.json()).toMatchObject({ status: 'error', errorType: 'bad_data' })
})

test('OPTIONS names the methods and opens nothing to other origins', async () => {
  const server = await startServer()
  const answer = await server.inject({
    method: 'OPTIONS',
    url: '/api/v1/query',
    headers: { origin: 'http://other.example', 'access-control-request-method': 'POST' },
  })
  expect(answer.statusCode).toBe(204)
  expect(answer.headers.allow).toBe('GET, HEAD, POST, OPTIONS')
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test.each([
  '/select/7/prometheus/api/v1/query',
  '/insert/0:1/prometheus/api/v1/write',
  '/delete/x/prometheus/a',
])('%s is a tenant that does not exist', async (url) => {
  const server = await startServer()
  const answer = await server.inject({ url })
  expect(answer.statusCode).toBe(404)
  expect(answer.json<{ error: string }>().error).toMatch(/^there is no tenant ".*": the only one is 0/)
})

test('the one tenant has the whole API', async () => {
  const server = await startServer()
  for (const prefix of ['/select/0/prometheus', '/select/0:0/prometheus', '/prometheus', '']) {
    expect((await server.inject({ url: `${prefix}/api/v1/query?query=1` })).statusCode).toBe(200)
  }
})
