import { expect, test } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import { nodesAnswer, pingAnswer } from '../../../../common/wire/nodes.ts'
import type { NodeView } from '../../../../common/wire/nodes.ts'
import { startServer } from '../test-server.ts'

const node: NodeView = {
  node: 'pg-main-1',
  cluster: 'pg-main',
  ip: '10.0.0.1',
  version: '0.1.0',
  connected: true,
  firstSeenMs: 1,
  lastSeenMs: 2,
  clockSkewMs: 0,
  clockSkewed: false,
  servers: [],
  auditBreaks: 0,
  role: 'primary',
  up: true,
  lastSampleMs: 2,
}

test('the fleet is listed in the shape of the wire contract', async () => {
  const server = await startServer({ nodes: () => Promise.resolve([node]) })
  const answer = await server.inject({ url: '/api/v1/nodes' })
  expect(nodesAnswer.parse(answer.json()).data).toEqual([node])
})

test('a ping names the node and gives its answer', async () => {
  const server = await startServer({
    ping: (name) => Promise.resolve({ node: name, roundTripMs: 1.5, version: '0.1.0', clockSkewMs: 3 }),
  })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/nodes/pg-main-1/ping' })
  expect(pingAnswer.parse(answer.json()).data.node).toBe('pg-main-1')
})

test.each([
  ['NOT_FOUND', 404, 'not_found'],
  ['UNREACHABLE', 503, 'unavailable'],
  ['TIMED_OUT', 503, 'timeout'],
] as const)('a ping that fails with %s is answered %d', async (code, status, errorType) => {
  const server = await startServer({ ping: () => Promise.reject(new PgherdError(code, 'why')) })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/nodes/x/ping' })
  expect(answer.statusCode).toBe(status)
  expect(answer.json()).toEqual({ status: 'error', errorType, error: 'why' })
})

test('a page of another site cannot ping through a browser', async () => {
  let pings = 0
  const server = await startServer({
    ping: (name) => {
      pings += 1
      return Promise.resolve({ node: name, roundTripMs: 1, version: '', clockSkewMs: 0 })
    },
  })
  const post = { method: 'POST', url: '/api/v1/nodes/x/ping' } as const
  const foreign = await server.inject({
    ...post,
    headers: { host: 'localhost:1', origin: 'http://evil.example' },
  })
  expect(foreign.statusCode).toBe(403)
  const own = await server.inject({ ...post, headers: { host: 'localhost:1', origin: 'http://localhost:1' } })
  expect(own.statusCode).toBe(200)
  expect(pings).toBe(1)
})

test('a node may have the longest name that an agent may have', async () => {
  const node = 'n'.repeat(128)
  const server = await startServer({
    ping: (asked) => Promise.resolve({ node: asked, roundTripMs: 1, version: '0.1.0', clockSkewMs: 0 }),
  })
  const answer = await server.inject({ method: 'POST', url: `/api/v1/nodes/${node}/ping` })
  expect(answer.json()).toMatchObject({ status: 'success', data: { node } })
})
