import { connect } from 'node:net'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveHealth } from '../../../agent/health-http/serve-health.ts'
import { serveHealthInThread } from '../../../agent/health-http/serve-in-thread.ts'
import type { HealthThreadOptions } from '../../../agent/health-http/serve-in-thread.ts'
import { createAuthority, openAuthority } from '../../../collector/fleet/trust/authority.ts'
import { systemClock } from '../../../common/clock.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { silentLog } from '../../../common/log.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { someHealth } from '../../common/health/some-health.ts'

const staleMs = 60_000
const common = { staleMs, isCompatible: false } as const
const local = { host: '127.0.0.1', port: 0 }

/** A health cycle that says what a test says. */
function createCycle(states: readonly InstanceHealth[]) {
  const listeners = new Set<(health: InstanceHealth, untilMs: number) => void>()
  return {
    listeners,
    observe(listener: (health: InstanceHealth, untilMs: number) => void) {
      listeners.add(listener)
      for (const one of states) listener(one, Date.now() + staleMs)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    tell: (health: InstanceHealth, untilMs = Date.now() + staleMs) => {
      for (const listener of listeners) listener(health, untilMs)
    },
  }
}

const now = (changes: Partial<InstanceHealth> = {}) => someHealth({ atMs: Date.now(), ...changes })

function serve(options: Partial<HealthThreadOptions> = {}) {
  return serveHealthInThread({
    ...common,
    address: local,
    tls: undefined,
    health: createCycle([now()]),
    clock: systemClock,
    log: silentLog,
    ...options,
  })
}

async function ask(url: string, target: string, method = 'GET'): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write(`${method} ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
  return text(socket)
}

async function reasonAt(url: string, target = '/primary'): Promise<string | null> {
  const answer = await fetch(`${url}${target}`, { headers: { connection: 'close' } })
  await answer.text()
  return answer.headers.get('x-pgherd-reason')
}

describe('the answers of the thread', () => {
  const second = now({ server: 'pg-main-2', role: 'standby', isWritable: false, replayedPosition: 7 })
  const states = [now(), second]
  const stack = new AsyncDisposableStack()
  let [inThread, plain] = ['', '']
  beforeAll(async () => {
    inThread = stack.use(await serve({ health: createCycle(states) })).url
    const options = {
      ...common,
      address: local,
      current: (name: string | undefined) => states.find((one) => name === undefined || one.server === name),
      servers: () => states.map((one) => one.server),
      now: () => Date.now(),
      onAnswer: () => undefined,
    }
    plain = stack.use(await serveHealth(options)).url
  })
  afterAll(() => stack.disposeAsync())

  test.each([
    ['GET', '/primary'],
    ['HEAD', '/replica'],
    ['OPTIONS', '/pooled/primary'],
    ['GET', '/servers/pg-main-2/replica?lag=1MB'],
    ['GET', '/servers/pg-main-3/replica'],
    ['GET', '/patroni'],
    ['GET', '/cluster'],
    ['GET', '/metrics'],
    ['POST', '/restart'],
    ['GET', '/nosuch'],
  ])('%s %s is answered as without a thread, byte for byte', async (method, target) => {
    const undated = (answer: string) => answer.replace(/^Date: .*$/m, '')
    expect(undated(await ask(inThread, target, method))).toBe(undated(await ask(plain, target, method)))
  })

  test('follow what the health cycle tells', async () => {
    const health = createCycle([now()])
    await using server = await serve({ health })
    health.tell(now({ state: 'hung', reason: 'no answer' }))
    await waitFor('it says so', async () => (await reasonAt(server.url)) === 'the server is hung: no answer')
  })

  test('are counted for the figures', async () => {
    await using server = await serve()
    await ask(server.url, '/primary')
    await ask(server.url, '/replica')
    const { answered, available } = server.figures
    expect({ answered, available }).toEqual({ answered: 2, available: 1 })
  })

  test('come over TLS with the certificate that was given', async () => {
    const authority = openAuthority(await createAuthority(Date.now()))
    const { key, certificate } = await authority.issueServer(['127.0.0.1'], Date.now())
    await using server = await serve({ tls: { key, cert: certificate + authority.certificate } })
    const status = await new Promise((resolve, reject) => {
      request(`${server.url}/primary`, { ca: authority.certificate, agent: false }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .once('error', reject)
        .end()
    })
    expect(status).toBe(200)
  })
})

describe('while the rest of the agent stands still', () => {
  const asker = `
    const { workerData: { url, shared } } = require('node:worker_threads')
    const times = new Float64Array(shared, 8)
    const flag = new Int32Array(shared, 0, 1)
    void (async () => {
      for (let i = 0; i < times.length; i++) {
        const began = performance.now()
        const answer = await fetch(url + '/primary')
        await answer.text()
        times[i] = answer.status === 200 ? performance.now() - began : Infinity
      }
      Atomics.store(flag, 0, 1)
      Atomics.notify(flag, 0)
    })()`

  test('the thread goes on answering, within milliseconds', async () => {
    await using server = await serve()
    const shared = new SharedArrayBuffer(8 + 200 * 8)
    const worker = new Worker(asker, { eval: true, workerData: { url: server.url, shared } })
    // Blocks this thread until all were answered.
    const outcome = Atomics.wait(new Int32Array(shared, 0, 1), 0, 0, 4_000)
    await worker.terminate()
    expect(outcome).toBe('ok')
    const median = [...new Float64Array(shared, 8)].sort((a, b) => a - b)[100]
    expect(median).toBeLessThan(20)
  })

  test('no server is believed longer than its last answer counts', async () => {
    const health = createCycle([now()])
    await using server = await serve({ health })
    const before = await reasonAt(server.url)
    health.tell(now(), Date.now() + 100)
    await waitFor('it is not believed', async () => (await reasonAt(server.url)) !== 'ok')
    expect([before, await reasonAt(server.url)]).toEqual([
      'ok',
      'the server is unknown: the last look at it is too old',
    ])
  })

  test('the age of the last look is said when it says nothing any more', async () => {
    await using server = await serve({ health: createCycle([now()]), staleMs: 200 })
    await waitFor('it is too old', async () =>
      /^the newest look at the server is \d+\.\d s old$/.test((await reasonAt(server.url)) ?? ''),
    )
  })
})

describe('what cannot be started', () => {
  test('a port that is taken is said with the port', async () => {
    await using server = await serve()
    const port = Number(new URL(server.url).port)
    await expect(serve({ address: { ...local, port } })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `another process already listens on 127.0.0.1:${port}`,
    })
  })

  test('an address that this machine does not have', async () => {
    await expect(serve({ address: { host: '192.0.2.1', port: 0 } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'cannot listen on 192.0.2.1:0: listen EADDRNOTAVAIL: address not available 192.0.2.1',
    })
  })

  test('a certificate that is none', async () => {
    await expect(serve({ tls: { cert: 'none', key: 'none' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'the certificate and key for health checks cannot be used',
    })
  })
})

describe('a thread that ends', () => {
  /** What the thread cannot read. */
  const poison = { ...now(), toJSON: () => undefined }

  test('is started anew on its port with what is known then, logged and counted', async () => {
    const health = createCycle([now()])
    const told: unknown[] = []
    const error = (about: unknown): void => {
      told.push(about)
      health.tell(now({ role: 'standby', isWritable: false }))
    }
    const backoff = { next: () => 1, reset: () => undefined }
    await using server = await serve({ health, log: { ...silentLog, error }, backoff })
    health.tell(poison)
    await waitFor('it answers again', () =>
      reasonAt(server.url).then(
        (reason) => reason === 'it is not the leader',
        () => false,
      ),
    )
    expect(server.figures.restarts).toBe(1)
    expect(told).toMatchObject([{ err: { code: 'INTERNAL' } }])
  })

  test('at the end of the agent gives its port back and leaves nobody listening to the cycle', async () => {
    const health = createCycle([now()])
    const server = await serve({ health })
    await server[Symbol.asyncDispose]()
    await expect(fetch(server.url)).rejects.toThrow('fetch failed')
    expect(health.listeners.size).toBe(0)
  })

  test('is not waited for while it is about to be started anew', async () => {
    const health = createCycle([now()])
    const told: unknown[] = []
    const log = { ...silentLog, error: (about: unknown) => void told.push(about) }
    const server = await serve({ health, log, backoff: { next: () => 3_600_000, reset: () => undefined } })
    health.tell(poison)
    await waitFor('its end is noticed', () => told.length > 0)
    await server[Symbol.asyncDispose]()
    expect(server.figures.restarts).toBe(0)
  })
})
