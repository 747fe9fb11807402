import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createBackoff } from '../../../common/backoff.ts'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import type { Log } from '../../../common/log.ts'
import { version } from '../../../common/version.ts'
import { createChannel } from '../../../agent/channel/channel.ts'
import type { ChannelOptions } from '../../../agent/channel/channel.ts'
import { startChannelServer } from '../../collector/commands/channel-server.ts'

const identity = { node: 'pg-main-1', cluster: 'pg-main', ip: '10.10.10.11', version }

function startAgent(url: string, options: Partial<ChannelOptions> = {}) {
  const stop = new AbortController()
  const channel = createChannel({
    url,
    identity,
    clock: systemClock,
    log: silentLog,
    backoff: createBackoff({ firstMs: 1, maxMs: 5 }),
    ...options,
  })
  const done = channel.run(stop.signal)
  const end = async () => {
    stop.abort()
    await done
  }
  onTestFinished(end)
  return { channel, end }
}

test('an agent introduces itself and answers pings', async () => {
  const server = await startChannelServer()
  const { channel } = startAgent(server.url)
  await vi.waitFor(() => expect(server.hub.isConnected('pg-main-1')).toBe(true))
  expect(server.hellos).toMatchObject([{ type: 'hello', protocol: 1, ...identity }])
  const answer = await server.hub.ping('pg-main-1', 5_000)
  expect(answer).toMatchObject({ node: 'pg-main-1', version })
  expect(answer.roundTripMs).toBeGreaterThan(0)
  expect(Math.abs(answer.clockSkewMs)).toBeLessThan(1_000)
  expect(channel.stats()).toMatchObject({ connected: true, connects: 1, pingsAnswered: 1, badFrames: 0 })
})

test('an idle channel is kept alive by heartbeats, which the collector answers', async () => {
  const seen: string[] = []
  const server = await startChannelServer({ onSeen: (node) => seen.push(node) })
  const { channel } = startAgent(server.url, { heartbeatMs: 20, deadlineMs: 20 })
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(4))
  expect(channel.stats()).toMatchObject({ connects: 1, connected: true })
  expect(channel.stats().lastHeardMs).toBeGreaterThan(0)
})

test('a connection that breaks is replaced', async () => {
  const server = await startChannelServer()
  const { channel } = startAgent(server.url)
  await vi.waitFor(() => expect(channel.stats().connects).toBe(1))
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(channel.stats()).toMatchObject({ connects: 2, connected: true }))
  await vi.waitFor(() => expect(server.hub.isConnected('pg-main-1')).toBe(true))
  expect(server.events).toEqual(['hello pg-main-1', 'gone pg-main-1', 'hello pg-main-1'])
})

test('the delay starts small again once a collector has answered, not when a connection merely opened', async () => {
  const resets: string[] = []
  const backoff = { next: () => 1, reset: () => void resets.push('reset') }
  const server = await startChannelServer()
  const { channel } = startAgent(server.url, { backoff })
  await vi.waitFor(() => expect(server.hub.isConnected('pg-main-1')).toBe(true))
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(channel.stats()).toMatchObject({ connects: 2, connected: true }))
  expect(resets).toEqual([])
  await vi.waitFor(() => expect(server.hub.isConnected('pg-main-1')).toBe(true))
  await server.hub.ping('pg-main-1', 5_000)
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(resets).toEqual(['reset']))
})

test('two agents with one name push each other out less and less often', async () => {
  const resets: string[] = []
  const backoff = { next: () => 1, reset: () => void resets.push('reset') }
  const server = await startChannelServer()
  const first = startAgent(server.url, { backoff })
  await vi.waitFor(() => expect(server.hub.isConnected('pg-main-1')).toBe(true))
  await server.hub.ping('pg-main-1', 5_000)
  startAgent(server.url, { backoff })
  await vi.waitFor(() => expect(first.channel.stats().connects).toBeGreaterThan(1))
  expect(resets).toEqual([])
})

test('a collector that is away is dialled until it is there', async () => {
  const first = await startChannelServer()
  await first.stop()
  const { channel } = startAgent(first.url)
  await vi.waitFor(() => expect(channel.stats().failedConnects).toBeGreaterThan(2))
  expect(channel.stats().connected).toBe(false)
  const second = await startChannelServer({}, first.port)
  await vi.waitFor(() => expect(second.hub.isConnected('pg-main-1')).toBe(true))
})

test('a collector that accepts and then says nothing is given up', async () => {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { channel } = startAgent(`ws://127.0.0.1:${port}/`, { deadlineMs: 20 })
  await vi.waitFor(() => expect(channel.stats().failedConnects).toBeGreaterThan(1))
})

test('a collector that stops answering heartbeats is given up', async () => {
  const server = await startChannelServer()
  const { channel } = startAgent(server.url, { heartbeatMs: 30, deadlineMs: 20 })
  await vi.waitFor(() => expect(channel.stats().connects).toBe(1))
  for (const socket of server.sockets) {
    // It is there and reads, but its answers go nowhere.
    socket.send = () => undefined
  }
  await vi.waitFor(() => expect(channel.stats().connects).toBe(2))
})

test('the signal ends the channel and the collector notices', async () => {
  const server = await startChannelServer()
  const { channel, end } = startAgent(server.url)
  await vi.waitFor(() => expect(channel.stats().connected).toBe(true))
  await vi.waitFor(() => expect(server.events).toEqual(['hello pg-main-1']))
  await end()
  expect(channel.stats().connected).toBe(false)
  await vi.waitFor(() => expect(server.events).toEqual(['hello pg-main-1', 'gone pg-main-1']))
})

test('the signal ends a wait between two attempts', async () => {
  const server = await startChannelServer()
  await server.stop()
  const { channel, end } = startAgent(server.url, {
    backoff: createBackoff({ firstMs: 600_000, maxMs: 600_000 }),
  })
  await vi.waitFor(() => expect(channel.stats().failedConnects).toBe(1))
  await end()
})

test('frames that are no messages are counted, unknown messages are answered, and the channel goes on', async () => {
  const server = await startChannelServer()
  const { channel } = startAgent(server.url)
  await vi.waitFor(() => expect(server.hub.isConnected('pg-main-1')).toBe(true))
  const [socket] = server.sockets
  for (const text of [
    '',
    'null',
    '[]',
    '{"type":7}',
    '{"type":"ping"}',
    '['.repeat(100_000),
    '{"type":"pong","id":1}',
  ]) {
    socket!.send(text)
  }
  socket!.send('{"type":"self-destruct","now":true}')
  await vi.waitFor(() => expect(channel.stats()).toMatchObject({ badFrames: 7, unknownMessages: 1 }))
  expect(await server.hub.ping('pg-main-1', 5_000)).toMatchObject({ node: 'pg-main-1' })
})

test('a frame over the limit costs the connection, and the next one works', async () => {
  const server = await startChannelServer()
  const { channel } = startAgent(server.url)
  await vi.waitFor(() => expect(server.hub.isConnected('pg-main-1')).toBe(true))
  const [socket] = server.sockets
  socket!.send(' '.repeat((1 << 20) + 1))
  await vi.waitFor(() => expect(channel.stats()).toMatchObject({ connects: 2, connected: true }))
})

test('a password in the address of the collector stays out of the log', async () => {
  const lines: string[] = []
  const write = (facts: object, message: string) => void lines.push(JSON.stringify({ ...facts, message }))
  const log = { ...silentLog, info: write, warn: write, debug: write } as Log
  const server = await startChannelServer()
  const { channel } = startAgent(server.url.replace('//', '//bob:secret@'), { log })
  await vi.waitFor(() => expect(channel.stats().connects).toBe(1))
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(lines.length).toBeGreaterThanOrEqual(2))
  expect(lines.join('\n')).toContain('//bob:***@')
  expect(lines.join('\n')).not.toContain('secret')
})
