import { expect, onTestFinished, test, vi } from 'vitest'
import { createBackoff } from '../../../common/backoff.ts'
import { systemClock } from '../../../common/clock.ts'
import { createHttpClient } from '../../../common/http-client.ts'
import { silentLog } from '../../../common/log.ts'
import { chooseProxy } from '../../../common/proxy.ts'
import { channelPath } from '../../../common/wire/channel.ts'
import { createChannel } from '../../../agent/channel/channel.ts'
import { startProxy } from '../connect-proxy.ts'
import { joinedAgent, startTrustingServer } from '../../collector/http/auth/trusting.ts'

async function startCollector() {
  const heard: string[] = []
  const lab = await startTrustingServer({
    acceptChannel: (socket) => socket.onText((text) => heard.push(`${socket.node} ${text}`)),
  })
  const server = await lab.authority.issueServer(['localhost', '127.0.0.1'], lab.clock.now())
  const { url } = await lab.server.listenTls(
    { host: '127.0.0.1', port: 0 },
    { ...server, clientCa: lab.authority.certificate },
  )
  const tls = { ca: lab.authority.certificate, ...(await joinedAgent(lab)) }
  return { url, host: new URL(url).host, tls, heard }
}

type Collector = Awaited<ReturnType<typeof startCollector>>

function startAgent({ url, tls }: Collector, proxy: string) {
  const stop = new AbortController()
  const channel = createChannel({
    url: `${url.replace('https', 'wss')}${channelPath}`,
    identity: { node: 'pg-main-1', cluster: 'pg-main', ip: '192.0.2.1', version: '0.1.0' },
    tls: () => Promise.resolve(tls),
    proxy: { url: proxy },
    clock: systemClock,
    log: silentLog,
    backoff: createBackoff({ firstMs: 1, maxMs: 5 }),
  })
  const done = channel.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await done
  })
  return channel
}

test('the channel goes through a proxy, and the certificates of both ends count as without', async () => {
  const [collector, proxy] = [await startCollector(), await startProxy()]
  const channel = startAgent(collector, `http://${proxy.at}`)
  await vi.waitFor(() => expect(collector.heard[0]).toMatch(/^pg-main-1 \{"type":"hello"/))
  expect(proxy.asked).toEqual([collector.host])
  expect(channel.stats()).toMatchObject({ connected: true, connects: 1 })
})

test('a proxy that wants a password gets it, and one that does not let through is tried again', async () => {
  const [collector, proxy] = [await startCollector(), await startProxy('secret')]
  const refused = startAgent(collector, `http://agent:wrong@${proxy.at}`)
  await vi.waitFor(() => expect(refused.stats().failedConnects).toBeGreaterThan(1))
  expect(collector.heard).toEqual([])
  const channel = startAgent(collector, `http://agent:secret@${proxy.at}`)
  await vi.waitFor(() => expect(channel.stats().connected).toBe(true))
})

test('requests by https go through the proxy, except to hosts that are left out', async () => {
  const [{ url, host, tls }, proxy] = [await startCollector(), await startProxy()]
  const ask = async (except?: string) => {
    using client = createHttpClient({ tls, proxy: { url: `http://${proxy.at}`, except } })
    return await client.send({ method: 'GET', url: `${url}/-/healthy`, timeoutMs: 5_000 })
  }
  expect(await ask()).toMatchObject({ status: 200 })
  expect(proxy.asked).toEqual([host])
  expect(await ask('127.0.0.1')).toMatchObject({ status: 200 })
  expect(proxy.asked).toEqual([host])
})

test('the proxy is the configured one, else that of the environment', () => {
  const environment = { HTTPS_PROXY: 'http://env:3128', NO_PROXY: '.internal' }
  expect(chooseProxy('http://own:3128', environment)).toEqual({ url: 'http://own:3128' })
  expect(chooseProxy(undefined, environment)).toEqual({ url: 'http://env:3128', except: '.internal' })
  expect(chooseProxy(undefined, { https_proxy: '' })).toBeUndefined()
})
