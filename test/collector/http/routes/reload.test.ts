import { expect, test } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import { openToAll, startServer } from '../test-server.ts'

test.each(['POST', 'PUT'] as const)('%s reloads and says nothing when it is done', async (method) => {
  let reloads = 0
  const server = await startServer({
    reload: () => {
      reloads++
      return Promise.resolve(undefined)
    },
  })
  const answer = await server.inject({ method, url: '/-/reload' })
  expect([answer.statusCode, answer.body]).toEqual([200, ''])
  expect(reloads).toBe(1)
})

test('what is wrong with the files is told as Prometheus tells it', async () => {
  const problem = new PgherdError('RULE_INVALID', 'a.yaml:4: bad\nb.yaml:1: worse')
  const server = await startServer({ reload: () => Promise.resolve(problem) })
  const { body, headers, statusCode } = await server.inject({ method: 'POST', url: '/-/reload' })
  expect(statusCode).toBe(500)
  expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(body).toBe('failed to reload config: a.yaml:4: bad\nb.yaml:1: worse\n')
})

test.each([
  ['a link', 405, { method: 'GET' }],
  ['the page of another site', 403, { method: 'POST', headers: { origin: 'http://elsewhere.example' } }],
] as const)('%s does not reload: %i', async (_what, status, request) => {
  const server = await startServer({ reload: () => Promise.reject(new Error('not to be called')) })
  const answer = await server.inject({ ...request, url: '/-/reload' })
  expect(answer.statusCode).toBe(status)
})

test('only an admin reloads', async () => {
  const server = await startServer({
    auth: { ...openToAll, anonymousRole: 'operator' },
    reload: () => Promise.reject(new Error('not to be called')),
  })
  expect((await server.inject({ method: 'POST', url: '/-/reload' })).statusCode).toBe(403)
})
