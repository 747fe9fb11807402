import { expect, test } from 'vitest'
import { createdTokenAnswer, joinTokenAnswer, tokensAnswer } from '../../../../common/wire/tokens.ts'
import { newRequest } from '../../fleet/trust-lab.ts'
import { bearer, startTrustingServer } from '../auth/trusting.ts'

async function startAsAdmin() {
  const lab = await startTrustingServer()
  const headers = bearer(await lab.tokenOf('admin'))
  const ask = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) => {
    const body = payload === undefined ? {} : { payload }
    const answer = await lab.server.inject({ method, url, headers, ...body })
    const { data, error = '' } = answer.json<{ data?: unknown; error?: string }>()
    return { statusCode: answer.statusCode, data, error }
  }
  return { ...lab, ask }
}

test('a token is made, listed without its secret, used and revoked', async () => {
  const { ask, server, clock } = await startAsAdmin()
  clock.advance(1_000)
  const answer = await ask('POST', '/api/v1/tokens', { name: 'grafana', role: 'viewer' })
  const made = createdTokenAnswer.shape.data.parse(answer.data)
  expect(made).toMatchObject({ name: 'grafana', role: 'viewer', createdBy: 'the-admin' })
  expect((made.expiresMs ?? 0) - made.createdMs).toBe(90 * 86_400_000)
  const listed = await ask('GET', '/api/v1/tokens')
  expect(tokensAnswer.shape.data.parse(listed.data).map(({ name }) => name)).toEqual(['the-admin', 'grafana'])
  expect(JSON.stringify(listed.data)).not.toMatch(/token"|hash/)
  const use = () => server.inject({ url: '/api/v1/query?query=1', headers: bearer(made.token) })
  expect((await use()).statusCode).toBe(200)
  expect((await ask('DELETE', `/api/v1/tokens/${made.id}`)).statusCode).toBe(200)
  expect((await use()).statusCode).toBe(401)
})

test.each([
  ['without a name', { role: 'viewer' }, 'name: '],
  ['with a name that would look like two', { name: 'a\nb', role: 'viewer' }, 'name: '],
  ['of a role that does not exist', { name: 'a', role: 'root' }, 'role: '],
  ['for a moment', { name: 'a', role: 'viewer', lifetime_ms: 5 }, 'lifetime_ms: '],
  ['with something unknown', { name: 'a', role: 'viewer', admin: true }, 'the body: '],
])('a token %s is refused with what is wrong', async (_, body, message) => {
  const { ask } = await startAsAdmin()
  const answer = await ask('POST', '/api/v1/tokens', body)
  expect(answer.statusCode).toBe(400)
  expect(answer.error).toContain(message)
})

test('an agent joins with the token that an admin has made for its node', async () => {
  const { ask, server } = await startAsAdmin()
  const answer = await ask('POST', '/api/v1/nodes/pg-main-1/join-token')
  const offered = joinTokenAnswer.shape.data.parse(answer.data)
  const { csr } = await newRequest()
  const payload = { token: offered.token, csr }
  const joined = await server.inject({ method: 'POST', url: '/api/v1/agent/join', payload })
  expect(joined.statusCode).toBe(200)
  expect(joined.json()).toMatchObject({ status: 'success', data: { node: 'pg-main-1' } })
  const other = await server.inject({
    method: 'POST',
    url: '/api/v1/agent/join',
    payload: { ...payload, csr: (await newRequest()).csr },
  })
  expect(other.statusCode).toBe(401)
  expect(other.json()).toMatchObject({ error: 'the join token has been used: each is good for one agent' })
})

test('who guesses join tokens is slowed down and counted', async () => {
  const { server, failures } = await startTrustingServer()
  const payload = { token: `pgherd-join-1.${'a'.repeat(12)}.${'b'.repeat(43)}.${'c'.repeat(43)}`, csr: 'x' }
  const guess = async () =>
    (await server.inject({ method: 'POST', url: '/api/v1/agent/join', payload })).statusCode
  for (let i = 0; i < 20; i++) expect(await guess()).toBe(401)
  expect(await guess()).toBe(429)
  expect(await failures()).toEqual({ 'join-token': 21, limited: 1 })
})

test('a body larger than a request for a certificate is not read', async () => {
  const { server } = await startTrustingServer()
  const payload = { token: 'x', csr: 'x'.repeat(100_000) }
  const answer = await server.inject({ method: 'POST', url: '/api/v1/agent/join', payload })
  expect(answer.statusCode).toBe(413)
})

test('a page of another site makes no tokens through the browser of somebody on this machine', async () => {
  const { server } = await startTrustingServer({ anonymousRole: 'admin' })
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/tokens',
    headers: { origin: 'http://evil.example' },
    payload: { name: 'a', role: 'admin' },
  })
  expect(answer.statusCode).toBe(403)
})

test('a collector without an authority says how it gets one', async () => {
  const { fleet } = await startTrustingServer()
  const { server } = await startTrustingServer({
    auth: {
      anonymousRole: 'admin',
      checkToken: () => ({ refused: 'unknown' }),
      certificateProblem: () => 'unknown',
      onRevoked: () => undefined,
      tokens: fleet.tokens,
    },
  })
  const answer = await server.inject({ method: 'POST', url: '/api/v1/nodes/pg-main-1/join-token' })
  expect(answer.statusCode).toBe(501)
  expect(answer.json()).toMatchObject({ error: 'this collector has no authority: run pgherd-collector init' })
})
