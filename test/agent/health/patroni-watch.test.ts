import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createJsonEndpoint } from '../../../agent/health/json-endpoint.ts'
import { createPatroniWatch, patroniViewOf } from '../../../agent/health/patroni-watch.ts'
import type { PatroniWatch } from '../../../agent/health/patroni-watch.ts'
import { momentOf } from '../../../agent/health/seen.ts'
import { systemClock } from '../../../common/clock.ts'
import type { PatroniView } from '../../../common/health/instance-health.ts'
import { createManualClock } from '../../manual-clock.ts'

const node = {
  ...{ state: 'running', role: 'primary', timeline: 3, dcs_last_seen: 1_700_000_000 },
  patroni: { version: '4.1.4', scope: 'pg', name: 'a' },
}
const members = [{ name: 'a', role: 'leader', state: 'running', host: '10.0.0.1', port: 5432, timeline: 3 }]

/** A Patroni that answers what a test says, and who watches it. */
async function start(
  answer: RequestListener,
  access: { basicAuth?: { username: string; passwordFile: string } } = {},
) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const endpoint = createJsonEndpoint({ url: `http://127.0.0.1:${port}/metrics`, ...access })
  const watch = createPatroniWatch({
    ...{ endpoint, clock: systemClock, intervalMs: 1_000, deadlineMs: 800 },
    onSeen: () => undefined,
  })
  const stop = (): void => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(() => {
    endpoint[Symbol.dispose]()
    stop()
  })
  return { watch, stop }
}

const viewOf = (watch: PatroniWatch, laterMs = 0): PatroniView => {
  const { monotonicMs, wallMs } = momentOf(systemClock)
  const now = { monotonicMs: monotonicMs + laterMs, wallMs: wallMs + laterMs }
  return patroniViewOf(watch.seen(), { addresses: new Set(['10.0.0.1']), port: 5432 }, now)
}

/** The key is whose `GET /leader` is answered with 200. */
const answering =
  (status: number, body: unknown = node): RequestListener =>
  ({ url }, response) => {
    response.statusCode = url === '/leader' ? status : 200
    response.end(JSON.stringify(url === '/leader' ? body : url === '/cluster' ? { members } : {}))
  }

test('its history is asked for each minute, and each ten seconds while it lacks the timeline before the present one', async () => {
  const clock = createManualClock()
  const asked: string[] = []
  let history: unknown = [[2, 1_000, 'x']]
  let timeline = 3
  const endpoint = {
    origin: '',
    get: (path: string) => {
      asked.push(path)
      const body = path === '/history' ? history : path === '/leader' ? { ...node, timeline } : {}
      return Promise.resolve({ status: 200, body })
    },
    [Symbol.dispose]: () => undefined,
  }
  const watch = createPatroniWatch({
    ...{ endpoint, clock, intervalMs: 1_000, deadlineMs: 800 },
    onSeen: () => undefined,
  })
  const askedWithin = async (seconds: number): Promise<number> => {
    asked.length = 0
    for (let i = 0; i < seconds; i++) {
      await watch.look()
      await clock.advance(1_000)
    }
    return asked.filter((path) => path === '/history').length
  }
  expect(await askedWithin(60)).toBe(1)
  expect(await askedWithin(30)).toBe(1)
  timeline = 4
  expect(await askedWithin(20)).toBe(2)
  history = [
    [2, 1_000, 'x'],
    [3, 2_000, 'y'],
  ]
  expect(await askedWithin(10)).toBe(1)
  expect(await askedWithin(50)).toBe(0)
})

describe('a Patroni', () => {
  test('has the key by the status, and the rest by the body, of one answer', async () => {
    const { watch } = await start(answering(200))
    await watch.look()
    expect(viewOf(watch)).toMatchObject({
      ...{ isReachable: true, hasLock: true, role: 'primary', timeline: 3, member: 'a' },
      ...{ storeSeenMs: 1.7e12, isPaused: false },
    })
  })

  test('without the key still says what it is', async () => {
    const { watch } = await start(answering(503, { ...node, role: 'replica', pause: true }))
    await watch.look()
    expect(viewOf(watch)).toMatchObject({ hasLock: false, role: 'replica', isPaused: true })
  })

  test('that does not say its name, as before 3.1, is the member at this address', async () => {
    const { watch } = await start(answering(200, { ...node, patroni: { version: '3.0.2', scope: 'pg' } }))
    await watch.look()
    expect(viewOf(watch).member).toBe('a')
  })

  test('that is gone is not reachable at the next look; what it said last stays with its time', async () => {
    const { watch, stop } = await start(answering(200))
    await watch.look()
    const { answeredMs } = viewOf(watch)
    stop()
    await watch.look()
    expect(viewOf(watch)).toMatchObject({ isReachable: false, hasLock: true, answeredMs })
  })

  test('that has not answered for its deadline is not reachable, though no request has failed', async () => {
    const { watch } = await start(answering(200))
    await watch.look()
    expect(viewOf(watch, 2_000).isReachable).toBe(true)
    expect(viewOf(watch, 3_000).isReachable).toBe(false)
  })

  test('that wants a password gets it, and is not reachable without', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-health-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const passwordFile = join(directory, 'password')
    writeFileSync(passwordFile, 'secret\n')
    const guarded: RequestListener = (request, response) => {
      const wanted = `Basic ${Buffer.from('patroni:secret').toString('base64')}`
      if (request.headers.authorization === wanted) answering(200)(request, response)
      else {
        response.statusCode = 401
        response.end('no')
      }
    }
    const without = await start(guarded)
    await without.watch.look()
    const withPassword = await start(guarded, { basicAuth: { username: 'patroni', passwordFile } })
    await withPassword.watch.look()
    expect([viewOf(without.watch).isReachable, viewOf(withPassword.watch).isReachable]).toEqual([false, true])
  })
})
