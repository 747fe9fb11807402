import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import type { HttpDependencies } from '../../../../collector/http/dependencies.ts'
import { seriesOf, storing } from '../stored-series.ts'
import { noCommands } from '../test-server.ts'
import { bearer, startTrustingServer } from './trusting.ts'

/** Commands in which nothing happens until a request for them ends. */
function nothingHappens() {
  let polls = 0
  const commands: HttpDependencies['commands'] = {
    ...noCommands,
    wait(_, signal) {
      polls++
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve([]), { once: true }))
    },
  }
  return { commands, polls: () => polls }
}

async function startOnPort(parts: Parameters<typeof startTrustingServer>[0] = {}) {
  const lab = await startTrustingServer(parts)
  const { url } = await lab.server.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (path: string, token: string, body?: object) => {
    const method = body === undefined ? 'GET' : 'POST'
    const request = httpRequest(`${url}${path}`, {
      method,
      agent: false,
      headers: { ...bearer(token), 'content-type': 'application/json' },
    })
    request.end(body === undefined ? undefined : JSON.stringify(body))
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return response
  }
  const poll = (token: string) => ask('/api/v1/commands/wait', token, { ids: ['a'], timeout_ms: 60_000 })
  const revoke = (name: string) => {
    const id = lab.fleet.tokens.list().find((token) => token.name === name)?.id ?? ''
    return lab.fleet.tokens.revoke(id, 'test')
  }
  return { ...lab, ask, poll, revoke }
}

test('a long poll is answered 401 when its token is revoked, and that of another token goes on', async () => {
  const { commands, polls } = nothingHappens()
  const { poll, revoke, tokenOf, failures } = await startOnPort({ commands })
  const ended = poll(await tokenOf('viewer'))
  let others = 0
  const other = poll(await tokenOf('operator')).then(() => others++)
  await vi.waitUntil(() => polls() === 2)
  await revoke('the-viewer')
  const answer = await ended
  expect(answer.statusCode).toBe(401)
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="pgherd"')
  expect(JSON.parse(await text(answer))).toMatchObject({ error: 'the token has been revoked' })
  expect(await failures()).toEqual({ revoked: 1 })
  expect(others).toBe(0)
  await revoke('the-operator')
  await other
})

test('a long poll is answered 401 within moments when its token expires', async () => {
  const { commands, polls } = nothingHappens()
  const { poll, tokenOf, clock } = await startOnPort({ commands })
  const ended = poll(await tokenOf('viewer'))
  await vi.waitUntil(() => polls() === 1)
  clock.advance(3_600_001)
  const answer = await ended
  expect(answer.statusCode).toBe(401)
  expect(await text(answer)).toContain('the token has expired')
})

test('an export that has begun is broken off when its token is revoked, and its store reads no more', async () => {
  const { administration } = storing([])
  const waiting = Promise.withResolvers<undefined>()
  const ended = Promise.withResolvers<undefined>()
  const { ask, revoke, tokenOf } = await startOnPort({
    administration: {
      ...administration,
      async *exportSeries(_selectors, _from, _to, signal) {
        // More than is gathered before it is sent.
        for (let n = 0; n < 5_000; n++) yield seriesOf({ __name__: 'up', n: String(n) }, [[1, 1]])
        waiting.resolve(undefined)
        await once(signal ?? new EventTarget(), 'abort')
        ended.resolve(undefined)
      },
    },
  })
  const answer = await ask('/api/v1/export?match[]=up', await tokenOf('viewer'))
  expect(answer.statusCode).toBe(200)
  const body = expect(text(answer)).rejects.toThrow('aborted')
  await waiting.promise
  await revoke('the-viewer')
  await body
  await ended.promise
})

test('the connection of what does not end by itself is cut off after a second', async () => {
  const begun = Promise.withResolvers<undefined>()
  const held = Promise.withResolvers<undefined>()
  const { ask, revoke, tokenOf } = await startOnPort({
    reload() {
      begun.resolve(undefined)
      return held.promise
    },
  })
  const answer = ask('/-/reload', await tokenOf('admin'), {})
  await begun.promise
  await revoke('the-admin')
  await expect(answer).rejects.toThrow('socket hang up')
  held.resolve(undefined)
})

test('who revokes the own token is still told that it is revoked', async () => {
  const { server, fleet, tokenOf } = await startTrustingServer()
  const headers = bearer(await tokenOf('admin'))
  const id = fleet.tokens.list()[0]?.id ?? ''
  const answer = await server.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers })
  expect(answer.statusCode).toBe(200)
})
