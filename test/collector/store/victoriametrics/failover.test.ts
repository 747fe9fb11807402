import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createFailover } from '../../../../collector/store/victoriametrics/failover.ts'
import { createBackoff } from '../../../../common/backoff.ts'
import { silentLog } from '../../../../common/log.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { createManualClock } from '../../../manual-clock.ts'

/** A server that answers with `status` and its name; without a status it drops the connection. */
async function startEndpoint(name: string) {
  const state = { status: 200 as number | undefined, hangs: false, requests: 0, looks: 0 }
  const server = createServer((request, response) => {
    if (request.url === '/health') state.looks++
    else state.requests++
    if (state.hangs) return
    if (state.status === undefined) request.socket.destroy()
    else response.writeHead(state.status).end(name)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

async function startTwo(patienceMs?: number) {
  const [first, second] = [await startEndpoint('first'), await startEndpoint('second')]
  const clock = createManualClock()
  const failover = createFailover({
    endpoints: [{ url: first.url }, { url: second.url }],
    connections: 2,
    ...(patienceMs === undefined ? {} : { patienceMs }),
    clock,
    log: silentLog,
    backoff: () => createBackoff({ firstMs: 1_000, maxMs: 60_000, random: () => 1 }),
  })
  onTestFinished(() => failover[Symbol.dispose]())
  const ask = async () => {
    const { status, body } = await failover.send({ method: 'GET', path: '/x', timeoutMs: 5_000 })
    return `${status} ${Buffer.from(body).toString()}`
  }
  return { first, second, clock, failover, ask }
}

test('the first is used while it is up', async () => {
  const { ask, second } = await startTwo()
  expect([await ask(), await ask()]).toEqual(['200 first', '200 first'])
  expect(second.requests).toBe(0)
})

test.each([undefined, 502, 503])(
  'when the first fails (%s) the next is used, and later the first again',
  async (status) => {
    const { first, clock, failover, ask } = await startTwo()
    first.status = status
    expect([await ask(), await ask()]).toEqual(['200 second', '200 second'])
    // It was left alone meanwhile.
    expect(first.requests).toBe(1)
    expect(failover.stats()).toMatchObject({ failovers: 1, down: 1 })
    first.status = 200
    await clock.advance(1_000)
    await waitFor('the first again', async () => (await ask()) === '200 first')
    expect(failover.stats().down).toBe(0)
  },
)

test('no request waits for one that has not answered until it is found to be back', async () => {
  const { first, clock, ask } = await startTwo(50)
  first.hangs = true
  expect(await ask()).toBe('200 second')
  await clock.advance(1_000)
  for (let i = 0; i < 3; i++) expect(await ask()).toBe('200 second')
  await waitFor('a look at it', () => first.looks > 0)
  expect([first.looks, first.requests]).toEqual([1, 1])
})

test('an answer that is about the request goes to whoever asked', async () => {
  const { first, second, ask } = await startTwo()
  first.status = 422
  expect(await ask()).toBe('422 first')
  expect(second.requests).toBe(0)
})

test('when all are down each is tried, and the last failure is told', async () => {
  const { first, second, ask, failover } = await startTwo()
  first.status = undefined
  second.status = 503
  expect(await ask()).toBe('503 second')
  expect(await ask()).toBe('503 second')
  expect([first.requests, second.requests]).toEqual([2, 2])
  expect(failover.stats().requestsByStatus).toEqual({ error: 2, 503: 2 })
})

test('a request that was given up says nothing about the endpoint', async () => {
  const { failover } = await startTwo()
  const signal = AbortSignal.abort()
  const request = failover.send({ method: 'GET', path: '/x', timeoutMs: 5_000, signal })
  await expect(request).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(failover.stats()).toMatchObject({ failovers: 0, down: 0 })
})

test('an answer that is too large is about the request, and no failure of the endpoint', async () => {
  const { failover, second } = await startTwo()
  const request = failover.send({ method: 'GET', path: '/x', timeoutMs: 5_000, maxAnswerBytes: 2 })
  await expect(request).rejects.toMatchObject({ code: 'QUERY_LIMIT', status: 422 })
  expect(failover.stats()).toMatchObject({ failovers: 0, down: 0 })
  expect(second.requests).toBe(0)
})

test('credentials that cannot be read are a failure of the way to the engine, not of the question', async () => {
  const failover = createFailover({
    endpoints: [{ url: 'http://127.0.0.1:1', bearerTokenFile: '/nowhere/token' }],
    connections: 1,
    clock: createManualClock(),
    log: silentLog,
  })
  onTestFinished(() => failover[Symbol.dispose]())
  await expect(failover.send({ method: 'GET', path: '/x', timeoutMs: 5_000 })).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: 'cannot ask VictoriaMetrics: cannot read /nowhere/token: ENOENT',
  })
})
