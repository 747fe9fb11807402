import { expect, test } from 'vitest'
import { mounts } from '../../../collector/http/mounts.ts'
import type { Mount } from '../../../collector/http/mounts.ts'
import { startServer } from './test-server.ts'

test.each([
  ['DELETE', '/api/v1/query', 'GET, HEAD, POST, OPTIONS'],
  ['PUT', '/prometheus/api/v1/label/job/values', 'GET, HEAD, POST, OPTIONS'],
  ['GET', '/api/v1/admin/tsdb/delete_series?match[]=up', 'POST, PUT, OPTIONS'],
  ['GET', '/snapshot/delete?snapshot=x', 'POST, OPTIONS'],
  ['GET', '/snapshot/delete_all', 'POST, OPTIONS'],
  ['POST', '/federate', 'GET, HEAD, OPTIONS'],
  // To ask for the head of an answer must not change anything.
  ['HEAD', '/snapshot/create', 'GET, POST, OPTIONS'],
  ['HEAD', '/internal/force_merge', 'GET, POST, OPTIONS'],
] as const)('%s %s is a method that is not allowed', async (method, url, allow) => {
  const server = await startServer()
  const answer = await server.inject({ method, url })
  expect(answer.statusCode).toBe(405)
  expect(answer.headers.allow).toBe(allow)
  if (method !== 'HEAD') expect(answer.json()).toMatchObject({ status: 'error', errorType: 'bad_data' })
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
  '/select/0:9/prometheus/api/v1/query?query=1',
  '/select/01/prometheus/api/v1/query?query=1',
])('%s is a tenant that does not exist', async (url) => {
  const server = await startServer()
  const answer = await server.inject({ url })
  expect(answer.statusCode).toBe(404)
  expect(answer.json<{ error: string }>().error).toMatch(/^there is no tenant ".*": the only one is 0/)
})

const oneOf: readonly (readonly [Mount, 'GET' | 'POST', string])[] = [
  ['root', 'GET', '/flags'],
  ['select', 'GET', '/api/v1/query?query=1'],
  ['insert', 'POST', '/api/v1/write'],
  ['foreignInsert', 'POST', '/influx/write'],
  ['admin', 'GET', '/snapshot/list'],
  ['delete', 'POST', '/api/v1/admin/tsdb/delete_series?match[]=x'],
]

test.each(oneOf)(
  'what belongs to the part "%s" is reached under its prefixes and no other',
  async (mount, method, url) => {
    const server = await startServer()
    const prefixes = [...new Set(Object.values(mounts).flat())]
    const reached: string[] = []
    for (const prefix of prefixes) {
      const answer = await server.inject({ method, url: `${prefix}${url}` })
      if (answer.statusCode !== 404) reached.push(prefix)
      else
        expect(answer.json()).toEqual({
          status: 'error',
          errorType: 'not_found',
          error: `${method} ${prefix}${url.split('?')[0]} does not exist`,
        })
    }
    expect(reached.sort()).toEqual([...mounts[mount]].sort())
  },
)

test('a method that the path takes under another prefix alone is not offered', async () => {
  const server = await startServer()
  const url = '/insert/0/prometheus/api/v1/query'
  expect((await server.inject({ method: 'OPTIONS', url })).statusCode).toBe(404)
  expect((await server.inject({ method: 'DELETE', url })).statusCode).toBe(404)
})
