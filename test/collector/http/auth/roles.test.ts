import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import type { TokenRole } from '../../../../common/wire/tokens.ts'
import { bearer, startTrustingServer } from './trusting.ts'

test('every route says who may use it', async () => {
  const { server } = await startTrustingServer()
  expect(server.routes().filter(({ role }) => role === undefined)).toEqual([])
})

test('open to all are signs of life, the files of the page, and joining', async () => {
  const { server } = await startTrustingServer()
  const open = server.routes().filter(({ role }) => role === 'open')
  expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'GET /',
    'GET /-/healthy',
    'GET /-/ready',
    'GET /health',
    'GET /ready',
    'POST /api/v1/agent/join',
  ])
})

test('nothing else answers without a token, whatever the method', async () => {
  const { server } = await startTrustingServer()
  const closed = server.routes().filter(({ role, path }) => role !== 'open' && !path.endsWith('/channel'))
  expect(closed.length).toBeGreaterThan(60)
  const answers = await Promise.all(
    closed.map(async ({ method, path }) => {
      const url = path.replace(/:[a-z]+/gi, 'x').replace('*', 'x')
      const { statusCode } = await server.inject({ method: method, url })
      return `${method} ${path}: ${statusCode}`
    }),
  )
  expect(answers.filter((answer) => !answer.endsWith(': 401'))).toEqual([])
})

test.each<[TokenRole, readonly string[]]>([
  ['viewer', ['viewer']],
  ['writer', ['writer']],
  ['operator', ['viewer', 'operator']],
  ['admin', ['viewer', 'writer', 'operator', 'admin']],
])('a %s may use the routes of %j and no others', async (role, allowed) => {
  const { server, tokenOf } = await startTrustingServer()
  const headers = bearer(await tokenOf(role))
  const oneOfEach = [
    ['viewer', 'GET', '/api/v1/query?query=1'],
    ['writer', 'POST', '/api/v1/import'],
    ['operator', 'POST', '/api/v1/nodes/pg-main-1/ping'],
    ['admin', 'GET', '/api/v1/tokens'],
  ] as const
  const answered = await Promise.all(
    oneOfEach.map(async ([needed, method, url]) => {
      const { statusCode } = await server.inject({ method, url, headers })
      return statusCode === 403 ? [] : [needed]
    }),
  )
  expect(answered.flat()).toEqual(allowed)
})

test('who may not is told what it takes, and what he is', async () => {
  const { server, tokenOf, failures } = await startTrustingServer()
  const answer = await server.inject({
    method: 'GET',
    url: '/api/v1/tokens',
    headers: bearer(await tokenOf('viewer')),
  })
  expect(answer.statusCode).toBe(403)
  expect(answer.json()).toEqual({
    status: 'error',
    errorType: 'forbidden',
    error: 'this needs the role admin; the token the-viewer has the role viewer',
  })
  expect(await failures()).toEqual({ forbidden: 1 })
})

test('a token may also come as the password of Basic, whatever the user is called', async () => {
  const { server, tokenOf } = await startTrustingServer()
  const password = Buffer.from(`grafana:${await tokenOf('viewer')}`).toString('base64')
  const answer = await server.inject({
    url: '/api/v1/query?query=1',
    headers: { authorization: `basic ${password}` },
  })
  expect(answer.statusCode).toBe(200)
})

test('401 asks for a token, and never for a password, for which browsers would open a window', async () => {
  const { server } = await startTrustingServer()
  const without = await server.inject({ url: '/api/v1/query?query=1' })
  expect(without.headers['www-authenticate']).toBe('Bearer realm="pgherd"')
  expect(without.json()).toMatchObject({ errorType: 'unauthorized' })
  const wrong = await server.inject({ url: '/api/v1/query?query=1', headers: bearer('pgh_x') })
  expect(wrong.headers['www-authenticate']).toBe('Bearer realm="pgherd", error="invalid_token"')
})

test('a write without a token is refused before its body is read, with a line of text', async () => {
  const { server } = await startTrustingServer()
  const answer = await server.inject({ method: 'POST', url: '/api/v1/write', payload: Buffer.alloc(64) })
  expect(answer.statusCode).toBe(401)
  expect(answer.body).toBe('a token is needed: Authorization: Bearer <token>\n')
})

test.each([
  ['of another scheme', 'Negotiate abc'],
  ['without a token', 'Bearer'],
  ['with two tokens', 'Bearer a b'],
  ['Basic without a colon', `Basic ${Buffer.from('x').toString('base64')}`],
  ['that goes on behind the token', 'Bearer a, realm="x"'],
])('a header %s is told how it has to be, and echoed nowhere', async (_, authorization) => {
  const { server } = await startTrustingServer()
  const answer = await server.inject({ url: '/api/v1/query?query=1', headers: { authorization } })
  expect(answer.statusCode).toBe(401)
  expect(answer.json<{ error: string }>().error).toContain('has to be "Bearer <token>"')
})

test('a wrong token is not made good by the role of those without one', async () => {
  const { server } = await startTrustingServer({ anonymousRole: 'admin' })
  expect((await server.inject({ url: '/api/v1/tokens' })).statusCode).toBe(200)
  expect((await server.inject({ url: '/api/v1/tokens', headers: bearer('pgh_x') })).statusCode).toBe(401)
})

test('a node in a path cannot put anything into the answer but its own name', async () => {
  const { server, tokenOf } = await startTrustingServer()
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/nodes/pg-main-1%0d%0aSet-Cookie:%20a=b/join-token',
    headers: bearer(await tokenOf('admin')),
  })
  expect(answer.statusCode).toBe(400)
  expect(answer.headers['set-cookie']).toBeUndefined()
})

test('who guesses is slowed down and counted, and whoever has a token at the same address is not', async () => {
  const { server, tokenOf, clock, failures } = await startTrustingServer()
  const viewer = bearer(await tokenOf('viewer'))
  const status = async (headers: Record<string, string>) =>
    (await server.inject({ url: '/api/v1/query?query=1', headers })).statusCode
  const guess = () => status(bearer(`pgh_000000000000_${'a'.repeat(43)}`))
  for (let i = 0; i < 20; i++) expect(await guess()).toBe(401)
  expect(await guess()).toBe(429)
  expect(await status(viewer)).toBe(200)
  expect(await failures()).toEqual({ unknown: 21, limited: 1 })
  clock.advance(6_000)
  expect(await guess()).toBe(401)
  expect(await guess()).toBe(429)
})

test('a token that was revoked while it was in use is refused with the next request', async () => {
  const { server, fleet, tokenOf } = await startTrustingServer()
  const headers = bearer(await tokenOf('viewer'))
  expect((await server.inject({ url: '/api/v1/nodes', headers })).statusCode).toBe(200)
  await fleet.tokens.revoke(fleet.tokens.list()[0]?.id ?? '', 'test')
  const answer = await server.inject({ url: '/api/v1/nodes', headers })
  expect(answer.statusCode).toBe(401)
  expect(answer.json()).toMatchObject({ error: 'the token has been revoked' })
})

test('a token that was revoked while the body was on its way makes nothing', async () => {
  const { server, fleet, tokenOf } = await startTrustingServer()
  const headers = bearer(await tokenOf('admin'))
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const body = JSON.stringify({ name: 'of-a-thief', role: 'admin', lifetime_ms: null })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sending = request(`${url}/api/v1/tokens`, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': body.length,
        expect: '100-continue',
      },
    })
    sending.once('response', resolve).once('error', reject).flushHeaders()
    sending.once('continue', () => {
      void fleet.tokens.revoke(fleet.tokens.list()[0]?.id ?? '', 'test').then(() => sending.end(body))
    })
  })
  answer.resume()
  expect(answer.statusCode).toBe(401)
  expect(fleet.tokens.list().map(({ name }) => name)).toEqual(['the-admin'])
})
