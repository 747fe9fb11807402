import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createDestination } from '../../../common/push/destination.ts'
import type { DestinationOptions } from '../../../common/push/destination.ts'
import { openSpool } from '../../../common/spool/spool.ts'
import type { ReaderOptions } from '../../../common/spool/spool.ts'
import type { SpooledRecord } from '../../../common/spool/read-records.ts'
import { createBackoff } from '../../../common/backoff.ts'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { startBlackhole } from '../../../testbed/blackhole.ts'
import { bodyOf, startReceiver } from './remote-write-receiver.ts'

/** Signed by itself, for localhost and 127.0.0.1. */
const certificate = fileURLToPath(new URL('../../agent/postgres/tls/server.crt', import.meta.url))
const key = fileURLToPath(new URL('../../agent/postgres/tls/server.key', import.meta.url))

async function temporaryDirectory() {
  const directory = await mkdtemp(join(tmpdir(), 'pgherd-destination-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

async function startSpool(...readers: readonly (string | ReaderOptions)[]) {
  const spool = await openSpool({
    directory: join(await temporaryDirectory(), 'spool'),
    readers,
    maxBytes: 64 << 20,
    maxAgeMs: 3_600_000_000_000,
    clock: systemClock,
    log: silentLog,
  })
  onTestFinished(() => spool[Symbol.asyncDispose]())
  return spool
}

type Given = Partial<DestinationOptions<SpooledRecord>> &
  Pick<DestinationOptions<SpooledRecord>, 'queue' | 'url'>

function start(options: Given) {
  const stop = new AbortController()
  const destination = createDestination({
    name: 'test',
    clock: systemClock,
    log: silentLog,
    ...options,
    pusher: {
      backoff: createBackoff({ firstMs: 1, maxMs: 20 }),
      holdBackoff: createBackoff({ firstMs: 1, maxMs: 20 }),
      flushMs: 50,
      ...options.pusher,
    },
  })
  const done = destination.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await done
    destination[Symbol.dispose]()
  })
  return destination
}

test('bodies that wait share requests, in order, and each series keeps its samples', async () => {
  const spool = await startSpool('main')
  for (let i = 0; i < 100; i++) await spool.append(bodyOf(i, 'up', 'down'))
  const receiver = await startReceiver()
  const destination = start({ queue: spool.reader('main'), url: `http://127.0.0.1:${receiver.port}` })
  await vi.waitFor(() => expect(receiver.taken()).toHaveLength(200))
  expect(receiver.taken()).toEqual(Array.from({ length: 100 }, (_, i) => [`up@${i}`, `down@${i}`]).flat())
  expect(receiver.requests.length).toBeLessThanOrEqual(4)
  await vi.waitFor(() => expect(destination.stats()).toMatchObject({ sent: 100, behindRecords: 0 }))
})

test('a receiver that takes little at once gets smaller requests, down to parts of one body', async () => {
  const spool = await startSpool('main')
  const names = Array.from({ length: 50 }, (_, i) => `series_${i}`)
  for (let i = 0; i < 20; i++) await spool.append(bodyOf(i, ...names))
  const receiver = await startReceiver(({ samples }) => (samples.length > 30 ? 413 : 204))
  const destination = start({ queue: spool.reader('main'), url: `http://127.0.0.1:${receiver.port}` })
  await vi.waitFor(() => expect(destination.stats().sent).toBe(20))
  expect(receiver.taken()).toEqual(
    Array.from({ length: 20 }, (_, i) => names.map((name) => `${name}@${i}`)).flat(),
  )
  expect(destination.stats().droppedByStatus).toEqual({})
})

test('a series that is too large even alone is dropped, the rest of its body is sent', async () => {
  const spool = await startSpool('main')
  const huge = 'huge'.repeat(100)
  await spool.append(bodyOf(1, 'small', huge, 'little'))
  await spool.append(bodyOf(2, 'small'))
  const receiver = await startReceiver(({ samples }) => (samples.includes(`${huge}@1`) ? 413 : 204))
  const destination = start({ queue: spool.reader('main'), url: `http://127.0.0.1:${receiver.port}` })
  await vi.waitFor(() => expect(destination.stats().behindRecords).toBe(0))
  expect(receiver.taken()).toEqual(['small@1', 'little@1', 'small@2'])
  expect(destination.stats()).toMatchObject({ sent: 1, droppedByStatus: { 413: 1 } })
})

test('a receiver that finds everything too large is not asked about each series', async () => {
  const spool = await startSpool('main')
  await spool.append(bodyOf(1, ...Array.from({ length: 500 }, (_, i) => `series_${i}`)))
  const receiver = await startReceiver(() => 413)
  const destination = start({ queue: spool.reader('main'), url: `http://127.0.0.1:${receiver.port}` })
  await vi.waitFor(() => expect(destination.stats().behindRecords).toBe(0))
  expect(destination.stats()).toMatchObject({ sent: 0, droppedByStatus: { 413: 1 } })
  expect(receiver.requests.length).toBeLessThan(20)
})

test('a receiver that never finishes a large request gets smaller ones, and larger ones again later', async () => {
  const spool = await startSpool('main')
  for (let i = 0; i < 200; i++) await spool.append(bodyOf(i, 'up'))
  let slow = true
  const never = Promise.withResolvers<number>()
  const receiver = await startReceiver(({ samples }) => (slow && samples.length > 4 ? never.promise : 204))
  const destination = start({
    queue: spool.reader('main'),
    url: `http://127.0.0.1:${receiver.port}`,
    pusher: { timeoutMs: 50 },
  })
  await vi.waitFor(() => expect(destination.stats().sent).toBeGreaterThan(4))
  slow = false
  await vi.waitFor(() => expect(destination.stats().sent).toBe(200))
  never.resolve(503)
  expect(receiver.taken()).toEqual(Array.from({ length: 200 }, (_, i) => `up@${i}`))
  expect(Math.max(...receiver.requests.map(({ samples }) => samples.length))).toBe(32)
})

test('of bodies that share a request only the one that is refused is dropped', async () => {
  const spool = await startSpool('main')
  for (let i = 0; i < 10; i++) await spool.append(bodyOf(i, i === 6 ? 'bad' : 'good'))
  const receiver = await startReceiver(({ samples }) => (samples.includes('bad@6') ? 400 : 204))
  const destination = start({ queue: spool.reader('main'), url: `http://127.0.0.1:${receiver.port}` })
  await vi.waitFor(() => expect(destination.stats().behindRecords).toBe(0))
  expect(receiver.taken()).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9].map((i) => `good@${i}`))
  expect(destination.stats()).toMatchObject({ sent: 9, droppedByStatus: { 400: 1 } })
})

test('a token is read for each request, so that it can be changed while the agent runs', async () => {
  const tokenFile = join(await temporaryDirectory(), 'token')
  const spool = await startSpool('main')
  await spool.append(bodyOf(1, 'up'))
  const receiver = await startReceiver(({ headers }) =>
    headers.authorization === 'Bearer second' ? 204 : 401,
  )
  const destination = start({
    queue: spool.reader('main'),
    url: `http://127.0.0.1:${receiver.port}`,
    bearerTokenFile: tokenFile,
  })
  // No file yet: nothing is sent, nothing is lost.
  await vi.waitFor(() => expect(destination.stats()).toMatchObject({ holding: true, behindRecords: 1 }))
  expect(receiver.requests).toEqual([])
  await writeFile(tokenFile, 'first\n')
  await vi.waitFor(() => expect(receiver.requests.at(-1)?.headers.authorization).toBe('Bearer first'))
  expect(destination.stats().holding).toBe(true)
  await writeFile(tokenFile, 'second\n')
  await vi.waitFor(() => expect(receiver.taken()).toEqual(['up@1']))
  await vi.waitFor(() => expect(destination.stats().holding).toBe(false))
})

test('basic authentication and headers of the user go along; those that say what a body is stay', async () => {
  const passwordFile = join(await temporaryDirectory(), 'password')
  await writeFile(passwordFile, 'secret\n')
  const spool = await startSpool('main')
  await spool.append(bodyOf(1, 'up'))
  const receiver = await startReceiver()
  start({
    queue: spool.reader('main'),
    url: `http://127.0.0.1:${receiver.port}`,
    basicAuth: { username: 'herd', passwordFile },
    headers: { 'X-Scope-OrgID': 'tenant', 'Content-Encoding': 'gzip' },
  })
  await vi.waitFor(() => expect(receiver.taken()).toEqual(['up@1']))
  expect(receiver.requests[0]?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('herd:secret').toString('base64')}`,
    'x-scope-orgid': 'tenant',
    'content-encoding': 'snappy',
  })
})

test('https with an authority and a certificate of its own; renewed files are read after a failure', async () => {
  const directory = await temporaryDirectory()
  const caFile = join(directory, 'ca.crt')
  await writeFile(caFile, '')
  const spool = await startSpool('main')
  await spool.append(bodyOf(1, 'up'))
  const own = { cert: readFileSync(certificate), key: readFileSync(key) }
  const receiver = await startReceiver(undefined, (listener) =>
    createTlsServer({ ...own, ca: own.cert, requestCert: true, rejectUnauthorized: true }, listener),
  )
  const destination = start({
    queue: spool.reader('main'),
    url: `https://127.0.0.1:${receiver.port}`,
    tls: { caFile, certFile: certificate, keyFile: key },
  })
  await vi.waitFor(() => expect(destination.stats().retries).toBeGreaterThan(2))
  expect(receiver.taken()).toEqual([])
  await writeFile(caFile, readFileSync(certificate))
  await vi.waitFor(() => expect(receiver.taken()).toEqual(['up@1']))
})

test('a receiver that hangs holds back neither another one nor the memory', async () => {
  const spool = await startSpool('hanging', 'live')
  await using blackhole = await startBlackhole()
  const receiver = await startReceiver()
  const hanging = start({ queue: spool.reader('hanging'), url: `http://127.0.0.1:${blackhole.port}` })
  start({ queue: spool.reader('live'), url: `http://127.0.0.1:${receiver.port}` })
  await spool.append(bodyOf(0, 'up'))
  await vi.waitFor(() => expect(blackhole.accepted).toBe(1))
  const names = Array.from({ length: 1000 }, (_, i) => `series_${(i * 7919) % 1000}_${i}`)
  const before = process.memoryUsage()
  for (let i = 1; i <= 600; i++) {
    await spool.append(bodyOf(i, 'up', ...(i % 10 === 0 ? names : [])))
    if (i % 100 === 0) await vi.waitFor(() => expect(receiver.taken().at(-1)).toMatch(`@${i}`))
  }
  const after = process.memoryUsage()
  expect(hanging.stats()).toMatchObject({ sent: 0, behindRecords: 601 })
  // What waits is on the disk. The receiver of this test keeps the texts of 60,000 samples, that is not us.
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 << 20)
}, 30_000)

test('with fresh data first a new record waits for the request under way, and for no other', async () => {
  const spool = await startSpool({ name: 'main', freshMs: 60_000 })
  const now = Date.now()
  const backlog = Array.from({ length: 200 }, (_, i) => now - 3_600_000 + i)
  for (const time of backlog) await spool.append(bodyOf(time, 'up'))
  let requests = 0
  const receiver = await startReceiver(async () => {
    if (++requests === 3) await spool.append(bodyOf(now, 'up'))
    return 204
  })
  const url = `http://127.0.0.1:${receiver.port}`
  start({ queue: spool.reader('main'), url, pusher: { request: { records: 10, bytes: 1 << 20 } } })
  await vi.waitFor(() => expect(receiver.taken()).toHaveLength(201))
  expect(receiver.requests[3]?.samples).toEqual([`up@${now}`])
  expect(receiver.taken().filter((one) => one !== `up@${now}`)).toEqual(backlog.map((time) => `up@${time}`))
})
