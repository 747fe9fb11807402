import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createBackoff } from '../../../common/backoff.ts'
import { systemClock } from '../../../common/clock.ts'
import { createHttpClient } from '../../../common/http-client.ts'
import { silentLog } from '../../../common/log.ts'
import type { Log } from '../../../common/log.ts'
import { version } from '../../../common/version.ts'
import { createPusher } from '../../../common/push/pusher.ts'
import type { PusherOptions, QueuedBody } from '../../../common/push/pusher.ts'
import type { RequestLimits } from '../../../common/push/request-size.ts'

interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** A receiver on loopback that answers as the script says and then 204, and remembers what it was sent. */
async function startReceiver(script: (Answer | 'break' | 'hang')[] = []) {
  const received: { body: string; headers: IncomingHttpHeaders }[] = []
  let inFlight = 0
  let mostInFlight = 0
  const server = createServer((request, response) => {
    mostInFlight = Math.max(mostInFlight, ++inFlight)
    response.on('close', () => inFlight--)
    void request.toArray().then((parts: Buffer[]) => {
      received.push({ body: Buffer.concat(parts).toString(), headers: request.headers })
      const answer = script.shift() ?? { status: 204 }
      if (answer === 'hang') return
      if (answer === 'break') response.destroy()
      else response.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(stop)
  return {
    url: `http://127.0.0.1:${port}/api/v1/write`,
    bodies: () => received.map(({ body }) => body),
    received,
    mostInFlight: () => mostInFlight,
    stop,
    restart: () => listen(port),
  }
}

/** The queue of the pusher without a disk. */
function createQueue(...texts: string[]) {
  const bodies: QueuedBody[] = []
  const waiters = new Set<() => void>()
  const add = (text: string) => {
    bodies.push({ timestampMs: 1000, payload: Buffer.from(text) })
    for (const wake of waiters) wake()
  }
  texts.forEach(add)
  return {
    add,
    take: ({ records }: RequestLimits) => Promise.resolve(bodies.slice(0, records)),
    acknowledge: (taken: readonly QueuedBody[]) => {
      if (bodies[0] === taken[0]) bodies.splice(0, taken.length)
      return Promise.resolve()
    },
    wait: (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        waiters.add(resolve)
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve())
      }),
    backlog: () => ({
      records: bodies.length,
      bytes: bodies.reduce((sum, body) => sum + body.payload.length, 0),
      oldestMs: bodies[0]?.timestampMs,
    }),
    left: () => bodies.map(({ payload }) => Buffer.from(payload).toString()),
  }
}

/** A clock that does not wait, and remembers what it was asked to. */
function impatientClock() {
  const slept: number[] = []
  const clock = {
    ...systemClock,
    sleep: async (ms: number, signal?: AbortSignal) => {
      // The limit of the flush is left to the real clock; every other wait is over at once.
      if (ms === 5_000) return systemClock.sleep(ms, signal)
      slept.push(ms)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
  return { clock, slept }
}

function start(
  options: Partial<PusherOptions<QueuedBody>> & Pick<PusherOptions<QueuedBody>, 'queue' | 'url'>,
) {
  const http = createHttpClient()
  const stop = new AbortController()
  const pusher = createPusher({
    http,
    clock: systemClock,
    log: silentLog,
    backoff: createBackoff({ firstMs: 1, maxMs: 4, random: () => 1 }),
    holdBackoff: createBackoff({ firstMs: 60_000, maxMs: 300_000, random: () => 1 }),
    // The texts of these tests are no snappy blocks, so they cannot share requests.
    request: { records: 1, bytes: 0 },
    ...options,
  })
  const done = pusher.run(stop.signal)
  const end = async () => {
    stop.abort()
    await done
    http[Symbol.dispose]()
  }
  onTestFinished(end)
  return { pusher, end }
}

function recordingLog() {
  const lines: { level: string; facts: Record<string, unknown>; message: string }[] = []
  const at = (level: string) => (facts: Record<string, unknown>, message: string) => {
    lines.push({ level, facts, message })
  }
  const log: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  } as unknown as Log
  return { log, lines }
}

test('bodies are sent in order, one at a time, with the headers of remote write 1.0', async () => {
  const receiver = await startReceiver()
  const queue = createQueue('a', 'b', 'c')
  const { pusher } = start({
    queue,
    url: receiver.url,
    userAgent: 'pgherd-agent',
    headers: () => Promise.resolve({ authorization: 'Bearer x' }),
  })
  await vi.waitFor(() => expect(queue.left()).toEqual([]))
  expect(receiver.bodies()).toEqual(['a', 'b', 'c'])
  expect(receiver.mostInFlight()).toBe(1)
  expect(receiver.received[0]?.headers).toMatchObject({
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
    'user-agent': `pgherd-agent/${version}`,
    authorization: 'Bearer x',
  })
  expect(pusher.stats()).toMatchObject({
    sent: 3,
    sentBytes: 3,
    retries: 0,
    behindRecords: 0,
    behindSeconds: 0,
  })
  expect(pusher.stats().lastSuccessMs).toBeGreaterThan(Date.now() - 60_000)
})

test('a body that is queued while the pusher is idle is sent at once', async () => {
  const receiver = await startReceiver()
  const queue = createQueue('a')
  start({ queue, url: receiver.url })
  await vi.waitFor(() => expect(queue.left()).toEqual([]))
  queue.add('b')
  await vi.waitFor(() => expect(receiver.bodies()).toEqual(['a', 'b']))
})

test.each([408, 429, 500, 502, 503, 504])('%i is tried again until it is taken', async (status) => {
  const receiver = await startReceiver([{ status }, { status }])
  const queue = createQueue('a', 'b')
  const { pusher } = start({ queue, url: receiver.url })
  await vi.waitFor(() => expect(queue.left()).toEqual([]))
  expect(receiver.bodies()).toEqual(['a', 'a', 'a', 'b'])
  expect(pusher.stats()).toMatchObject({ sent: 2, retries: 2, droppedByStatus: {} })
})

test.each([400, 409, 413, 415, 422])(
  '%i drops that body, counts it, logs a bounded answer and goes on',
  async (status) => {
    const receiver = await startReceiver([{ status, body: 'why '.repeat(1000) }])
    const queue = createQueue('bad', 'good')
    const { log, lines } = recordingLog()
    const { pusher } = start({ queue, url: receiver.url, log })
    await vi.waitFor(() => expect(queue.left()).toEqual([]))
    expect(receiver.bodies()).toEqual(['bad', 'good'])
    expect(pusher.stats()).toMatchObject({ sent: 1, droppedByStatus: { [status]: 1 } })
    const [line] = lines.filter(({ level }) => level === 'error')
    expect(line?.facts['answer']).toBe('why '.repeat(125))
  },
)

test.each([401, 403, 404, 302, 405])(
  '%i holds the data, with a long wait and one warning',
  async (status) => {
    const receiver = await startReceiver([{ status }, { status }, { status }])
    const queue = createQueue('a')
    const { log, lines } = recordingLog()
    const { clock, slept } = impatientClock()
    const { pusher } = start({ queue, url: receiver.url, log, clock })
    await vi.waitFor(() => expect(queue.left()).toEqual([]))
    expect(slept.slice(0, 3)).toEqual([60_000, 120_000, 240_000])
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect(pusher.stats()).toMatchObject({ sent: 1, retries: 3, holding: false, droppedByStatus: {} })
  },
)

test('a receiver that refuses everything fills the log no more than one that is away', async () => {
  const { log, lines } = recordingLog()
  const receiver = await startReceiver(Array.from({ length: 50 }, () => ({ status: 400 })))
  const queue = createQueue(...Array.from({ length: 50 }, (_, i) => `body ${i}`))
  const { pusher } = start({ queue, url: receiver.url, log })
  await vi.waitFor(() => expect(pusher.stats().droppedByStatus).toEqual({ 400: 50 }))
  expect(lines.map(({ facts }) => facts['dropped'])).toEqual([1])
})

test('Retry-After is honoured', async () => {
  const receiver = await startReceiver([{ status: 429, headers: { 'retry-after': '17' } }])
  const { clock, slept } = impatientClock()
  const queue = createQueue('a')
  start({ queue, url: receiver.url, clock })
  await vi.waitFor(() => expect(queue.left()).toEqual([]))
  expect(slept[0]).toBe(17_000)
})

test('a connection that breaks in mid-request is tried again', async () => {
  const receiver = await startReceiver(['break'])
  const queue = createQueue('a')
  const { pusher } = start({ queue, url: receiver.url })
  await vi.waitFor(() => expect(queue.left()).toEqual([]))
  expect(pusher.stats()).toMatchObject({ sent: 1, retries: 1 })
})

test('a receiver that does not answer costs the timeout, not the data', async () => {
  const receiver = await startReceiver(['hang'])
  const queue = createQueue('a')
  const { pusher } = start({ queue, url: receiver.url, timeoutMs: 50 })
  await vi.waitFor(() => expect(queue.left()).toEqual([]))
  expect(receiver.bodies()).toEqual(['a', 'a'])
  expect(pusher.stats().retries).toBe(1)
})

test('what was queued while the receiver was away is sent in order when it is back', async () => {
  const receiver = await startReceiver()
  await receiver.stop()
  const queue = createQueue('a')
  const { pusher } = start({ queue, url: receiver.url })
  await vi.waitFor(() => expect(pusher.stats().retries).toBeGreaterThan(2))
  for (const text of ['b', 'c', 'd']) queue.add(text)
  expect(pusher.stats()).toMatchObject({ sent: 0, behindRecords: 4, behindBytes: 4 })
  expect(pusher.stats().behindSeconds).toBeGreaterThan(0)
  await receiver.restart()
  await vi.waitFor(() => expect(queue.left()).toEqual([]))
  expect(receiver.bodies()).toEqual(['a', 'b', 'c', 'd'])
})

test('at the end what is queued is still sent', async () => {
  const receiver = await startReceiver()
  const queue = createQueue()
  const { end } = start({ queue, url: receiver.url })
  for (let i = 0; i < 20; i++) queue.add(`body ${i}`)
  await end()
  expect(receiver.bodies()).toHaveLength(20)
})

test('at the end a receiver that is away is not waited for', async () => {
  const receiver = await startReceiver()
  await receiver.stop()
  const queue = createQueue('a')
  const { pusher, end } = start({ queue, url: receiver.url, flushMs: 600_000 })
  await vi.waitFor(() => expect(pusher.stats().retries).toBeGreaterThan(0))
  await end()
  expect(queue.left()).toEqual(['a'])
})

test('at the end a receiver that hangs is waited for no longer than the flush', async () => {
  const receiver = await startReceiver(['hang'])
  const queue = createQueue('a')
  const { end } = start({ queue, url: receiver.url, flushMs: 20 })
  await vi.waitFor(() => expect(receiver.bodies()).toEqual(['a']))
  await end()
  expect(queue.left()).toEqual(['a'])
})

test('a queue that cannot be read is tried again', async () => {
  const receiver = await startReceiver()
  const queue = createQueue('a')
  let failures = 2
  const flaky = {
    ...queue,
    take: (limits: RequestLimits) =>
      failures-- > 0 ? Promise.reject(new Error('EMFILE: too many open files')) : queue.take(limits),
  }
  start({ queue: flaky, url: receiver.url })
  await vi.waitFor(() => expect(receiver.bodies()).toEqual(['a']))
})
