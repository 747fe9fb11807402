import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { silentLog } from '../../../../common/log.ts'
import { createAlertmanagerNotifier } from '../../../../collector/rules/notify/alertmanager.ts'
import { createAlertmanagerClient } from '../../../../collector/rules/notify/alertmanager-client.ts'
import type { AlertmanagerOptions } from '../../../../collector/rules/notify/alertmanager.ts'
import type { AlertNotification } from '../../../../collector/rules/rule-types.ts'
import { selfSigned } from '../../../../testbed/backup/s3/certificate.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { startFakeAlertmanager } from './fake-alertmanager.ts'

function about(ins: string): AlertNotification {
  return {
    labels: { alertname: 'Down', ins },
    annotations: { summary: 's' },
    startsAtMs: 1000,
    endsAtMs: 241_500,
    generatorUrl: 'http://pgherd.example/?expr=up',
  }
}

function startNotifier(urls: readonly string[], parts: Partial<AlertmanagerOptions> = {}) {
  const clock = createManualClock()
  const clients = urls.map((url) => createAlertmanagerClient({ url }))
  const registry = new Registry()
  const notifier = createAlertmanagerNotifier({
    clients,
    clock,
    log: silentLog,
    registry,
    random: () => 1,
    ...parts,
  })
  onTestFinished(async () => {
    await notifier[Symbol.asyncDispose]()
    for (const client of clients) client[Symbol.dispose]()
  })
  const metric = async (start: string): Promise<number> => {
    const line = (await registry.metrics()).split('\n').find((one) => one.startsWith(start))
    return Number(line?.split(' ').at(-1) ?? Number.NaN)
  }
  return { clock, metric, notifier }
}

const countOf = (received: readonly { readonly alerts: readonly unknown[] }[]): number =>
  received.reduce((sum, { alerts }) => sum + alerts.length, 0)

test('every Alertmanager gets every alert, below the path of its address and with its credentials', async () => {
  const first = await startFakeAlertmanager(() => ({ status: 200 }))
  const second = await startFakeAlertmanager(() => ({ status: 200 }))
  const secondUrl = `${second.url.replace('http://', 'http://me:p%40ss@')}/prefix/`
  const { metric, notifier } = startNotifier([first.url, secondUrl])
  notifier.notify([about('a')])
  await vi.waitFor(async () => expect(await metric('pgherd_collector_notifications_waiting')).toBe(0))
  await vi.waitFor(() => expect([first.received.length, second.received.length]).toEqual([1, 1]))
  expect(first.received[0]).toMatchObject({
    path: '/api/v2/alerts',
    alerts: [
      {
        labels: { alertname: 'Down', ins: 'a' },
        annotations: { summary: 's' },
        startsAt: '1970-01-01T00:00:01.000Z',
        endsAt: '1970-01-01T00:04:01.500Z',
        generatorURL: 'http://pgherd.example/?expr=up',
      },
    ],
  })
  expect(second.received[0]?.path).toBe('/prefix/api/v2/alerts')
  expect(second.received[0]?.headers.authorization).toBe(`Basic ${btoa('me:p@ss')}`)
})

test('many alerts go in batches of 256', async () => {
  const { received, url } = await startFakeAlertmanager(() => ({ status: 200 }))
  const { notifier } = startNotifier([url])
  notifier.notify(Array.from({ length: 600 }, (_, i) => about(String(i))))
  await vi.waitFor(() => expect(countOf(received)).toBe(600))
  expect(received.map(({ alerts }) => alerts.length)).toEqual([256, 256, 88])
})

test('after a failure the batch is tried again when the backoff is over', async () => {
  let status = 503
  const { received, url } = await startFakeAlertmanager(() => ({ status }))
  const { clock, metric, notifier } = startNotifier([url])
  notifier.notify([about('a')])
  await vi.waitFor(() => expect(clock.sleepers).toBe(1))
  expect(received).toHaveLength(1)
  status = 200
  await clock.advance(500)
  await vi.waitFor(async () => expect(await metric('pgherd_collector_notifications_sent_total')).toBe(1))
  expect(await metric('pgherd_collector_notifications_failed_attempts_total')).toBe(1)
})

test('a Retry-After longer than the backoff is respected', async () => {
  const { received, url } = await startFakeAlertmanager(() => ({
    status: 429,
    headers: { 'retry-after': '7' },
  }))
  const { clock, notifier } = startNotifier([url])
  notifier.notify([about('a')])
  await vi.waitFor(() => expect(clock.sleepers).toBe(1))
  await clock.advance(6999)
  expect(received).toHaveLength(1)
  await clock.advance(1)
  await vi.waitFor(() => expect(received).toHaveLength(2))
})

test('an Alertmanager that fails does not keep another one from its alerts', async () => {
  const gone = await startFakeAlertmanager(() => ({ status: 500 }))
  const alive = await startFakeAlertmanager(() => ({ status: 200 }))
  const { notifier } = startNotifier([gone.url, alive.url])
  notifier.notify([about('a')])
  notifier.notify([about('b')])
  await vi.waitFor(() => expect(countOf(alive.received)).toBe(2))
})

test('of a batch that is refused only the alert that spoils it is dropped', async () => {
  const { received, url } = await startFakeAlertmanager(({ alerts }) => ({
    status: alerts.some(({ labels }) => labels['ins'] === '5') ? 400 : 200,
  }))
  const { metric, notifier } = startNotifier([url])
  notifier.notify(Array.from({ length: 10 }, (_, i) => about(String(i))))
  await vi.waitFor(async () => expect(await metric('pgherd_collector_notifications_sent_total')).toBe(9))
  await vi.waitFor(async () => expect(await metric('pgherd_collector_notifications_waiting')).toBe(0))
  expect(await metric('pgherd_collector_notifications_dropped_total')).toBe(1)
  expect(received.length).toBeLessThan(12)
})

test('a queue that is full drops the oldest and counts them', async () => {
  const { url } = await startFakeAlertmanager(() => ({ status: 500 }))
  const { metric, notifier } = startNotifier([url], { queueCapacity: 2 })
  notifier.notify([about('a'), about('b'), about('c')])
  expect(await metric('pgherd_collector_notifications_dropped_total')).toBe(1)
  expect(await metric('pgherd_collector_notifications_waiting')).toBe(2)
})

test('disposing ends at once although alerts wait', async () => {
  const { url } = await startFakeAlertmanager(() => ({ status: 500 }))
  const { clock, notifier } = startNotifier([url])
  notifier.notify([about('a')])
  await vi.waitFor(() => expect(clock.sleepers).toBe(1))
  await notifier[Symbol.asyncDispose]()
  expect(clock.sleepers).toBe(0)
})

test('it is told how each of them does: what went wrong, what waits, and when it took something last', async () => {
  let status = 503
  const { url } = await startFakeAlertmanager(() => ({ status }))
  const { clock, notifier } = startNotifier([url])
  const look = () => notifier.look(new AbortController().signal)
  notifier.notify([about('a')])
  await vi.waitFor(() => expect(clock.sleepers).toBe(1))
  expect(await look()).toMatchObject([{ url, up: false, lastSentMs: null, lastErrorMs: 0, waiting: 1 }])
  expect((await look())[0]?.lastError).toContain('status 503')
  status = 200
  await clock.advance(500)
  await vi.waitFor(async () =>
    expect(await look()).toMatchObject([{ up: true, lastSentMs: 500, waiting: 0 }]),
  )
})

test('one that was never sent anything is asked whether it is ready', async () => {
  const { url, received } = await startFakeAlertmanager(() => ({ status: 200 }))
  const gone = 'http://127.0.0.1:1'
  const { notifier } = startNotifier([url, gone])
  const [first, second] = await notifier.look(new AbortController().signal)
  expect(first).toMatchObject({ up: true, lastSentMs: null, lastError: null })
  expect(second).toMatchObject({
    url: gone,
    up: false,
    lastError: expect.stringContaining('ECONNREFUSED') as string,
  })
  expect(received.map(({ path }) => path)).toEqual(['/-/ready'])
})

test('password and token are read from their files when they are needed, so that they can change', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-alertmanager-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const [tokenFile, passwordFile] = [join(directory, 'token'), join(directory, 'password')]
  writeFileSync(tokenFile, 'first\n')
  writeFileSync(passwordFile, 'secret\n')
  const { url, received } = await startFakeAlertmanager(() => ({ status: 200 }))
  using bearer = createAlertmanagerClient({ url, bearerTokenFile: tokenFile })
  using basic = createAlertmanagerClient({ url, basicAuth: { username: 'me', passwordFile } })
  const ask = (client: typeof bearer) => client.send({ method: 'GET', path: '/-/ready', timeoutMs: 5_000 })
  await ask(bearer)
  writeFileSync(tokenFile, 'second\n')
  await ask(bearer)
  await ask(basic)
  expect(received.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer first',
    'Bearer second',
    `Basic ${btoa('me:secret')}`,
  ])
})

test('over TLS an Alertmanager has to be vouched for, and gets our certificate when it asks', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-alertmanager-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  const names = [{ type: 'ip', value: '127.0.0.1' }] as const
  const [theirs, ours] = [await selfSigned(names), await selfSigned(names)]
  const server = createServer(
    {
      key: theirs.key,
      cert: theirs.certificate,
      ca: ours.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (_request, response) => void response.end(),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const caFile = write('ca.pem', theirs.certificate)
  const [certFile, keyFile] = [write('cert.pem', ours.certificate), write('key.pem', ours.key)]
  const ask = async (tls: { caFile?: string; certFile?: string; keyFile?: string }): Promise<number> => {
    using client = createAlertmanagerClient({ url, tls })
    return (await client.send({ method: 'GET', path: '/-/ready', timeoutMs: 5_000 })).status
  }
  expect(await ask({ caFile, certFile, keyFile })).toBe(200)
  await expect(ask({ certFile, keyFile })).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await expect(ask({ caFile })).rejects.toMatchObject({ code: 'UNREACHABLE' })
})
