import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { channelMaxBytes, channelPath } from '../../../common/wire/channel.ts'
import type { ChannelSocket } from '../../../common/wire/channel-socket.ts'
import type { QueryOptions } from '../../../collector/http/query-service.ts'
import { createManualClock, settled } from '../../manual-clock.ts'
import { answering, scalarOne, startServer } from './test-server.ts'

const loopback = { host: '127.0.0.1', port: 0 }

/** An instant query that stays unanswered until the test ends it. */
function blockingQuery() {
  const started = Promise.withResolvers<QueryOptions>()
  const answer = Promise.withResolvers<{ value: typeof scalarOne }>()
  const instant = (_text: string, _timeMs: number, options: QueryOptions) => {
    started.resolve(options)
    return answer.promise
  }
  return {
    query: { ...answering(scalarOne), instant },
    started: started.promise,
    finish: () => answer.resolve({ value: scalarOne }),
  }
}

test('the server tells the address that the kernel chose', async () => {
  const server = await startServer()
  const { url } = await server.listen(loopback)
  const answer = await fetch(`${url}/health`)
  expect(await answer.text()).toBe('OK')
})

test('a taken port is one clear sentence', async () => {
  const { url } = await (await startServer()).listen(loopback)
  const port = Number(new URL(url).port)
  await expect((await startServer()).listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `another process already listens on 127.0.0.1:${port}`,
  })
})

test('a client that closes its connection cancels its query', async () => {
  const { query, started, finish } = blockingQuery()
  const { url } = await (await startServer({ query })).listen(loopback)
  const client = new AbortController()
  const request = fetch(`${url}/api/v1/query?query=x`, { signal: client.signal }).catch(() => 'aborted')
  const { signal } = await started
  client.abort()
  expect(await request).toBe('aborted')
  await vi.waitFor(() => expect(signal.aborted).toBe(true))
  finish()
})

test('a POST that has been read completely is still waited for', async () => {
  const { query, started, finish } = blockingQuery()
  const { url } = await (await startServer({ query })).listen(loopback)
  const request = fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: 'x' }) })
  const { signal } = await started
  await settled()
  expect(signal.aborted).toBe(false)
  finish()
  expect((await request).status).toBe(200)
})

test('a large answer arrives whole over a real connection', async () => {
  const timestamps = Float64Array.from({ length: 50_000 }, (_, i) => i * 1000)
  const series = [{ labels: ['n', '1'], timestamps, values: timestamps }]
  const server = await startServer({ query: answering({ kind: 'matrix', series }) })
  const { url } = await server.listen(loopback)
  const answer = await fetch(`${url}/api/v1/query?query=x`)
  const { data } = (await answer.json()) as { data: { result: { values: unknown[] }[] } }
  expect(data.result[0]?.values).toHaveLength(50_000)
})

test('a head over the limit is answered 431 as JSON', async () => {
  const { url } = await (await startServer({ limits: { headerBytes: 4096 } })).listen(loopback)
  const answer = await fetch(`${url}/api/v1/query?query=${'x'.repeat(8000)}`)
  expect(answer.status).toBe(431)
  expect(await answer.json()).toMatchObject({ status: 'error', errorType: 'bad_data' })
})

test('bytes that are no HTTP are answered 400 and the connection is closed', async () => {
  const { url } = await (await startServer()).listen(loopback)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.write('certainly not HTTP\r\n\r\n')
  await once(socket, 'close')
  expect(text).toMatch(/^HTTP\/1.1 400 /)
})

test('closing lets a request in flight end and closes idle connections', async () => {
  const { query, started, finish } = blockingQuery()
  const server = await startServer({ query })
  const { url } = await server.listen(loopback)
  await (await fetch(`${url}/health`)).text()
  const request = fetch(`${url}/api/v1/query?query=x`)
  await started
  const closed = server[Symbol.asyncDispose]()
  finish()
  expect((await request).status).toBe(200)
  await closed
  await expect(fetch(`${url}/health`)).rejects.toThrow()
})

test('closing cuts off a request that outlives the grace period', async () => {
  const clock = createManualClock()
  const { query, started, finish } = blockingQuery()
  const server = await startServer({ clock, query, limits: { closeGraceMs: 3000 } })
  const { url } = await server.listen(loopback)
  const request = fetch(`${url}/api/v1/query?query=x`).catch(() => 'cut off')
  const { signal } = await started
  const closed = server[Symbol.asyncDispose]()
  await clock.advance(2999)
  expect(signal.aborted).toBe(false)
  await clock.advance(1)
  await closed
  expect(await request).toBe('cut off')
  finish()
})

test.each([
  ['h2c', '/health'],
  ['websocket', '/health'],
  ['TLS/1.0', channelPath],
])('an offer of %s for %s is ignored like any that is not taken up', async (protocol, path) => {
  const { url } = await (await startServer()).listen(loopback)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`)
  await once(socket, 'close')
  expect(text.split(' ')[1]).toBe(path === '/health' ? '200' : '404')
})

test('an agent gets a channel that carries text both ways', async () => {
  const accepted = Promise.withResolvers<ChannelSocket>()
  const server = await startServer({ acceptChannel: accepted.resolve })
  const { url } = await server.listen(loopback)
  const agent = new WebSocket(`${url.replace('http', 'ws')}${channelPath}`)
  const socket = await accepted.promise
  const received = Promise.withResolvers<string>()
  socket.onText(received.resolve)
  const ended = Promise.withResolvers<undefined>()
  socket.onClose(() => ended.resolve(undefined))
  if (agent.readyState !== WebSocket.OPEN) await once(agent as never, 'open')
  agent.send('{"type":"ping"}')
  expect(await received.promise).toBe('{"type":"ping"}')
  const answered = once(agent as never, 'message') as Promise<[MessageEvent<string>]>
  socket.send('pong')
  expect((await answered)[0].data).toBe('pong')
  expect(socket.remoteAddress).toBe('127.0.0.1')
  agent.close()
  await ended.promise
})

test('a frame over the limit and a binary frame end the channel', async () => {
  const sockets: ChannelSocket[] = []
  const server = await startServer({
    acceptChannel: (socket) => {
      socket.onText(() => undefined)
      sockets.push(socket)
    },
  })
  const { url } = await server.listen(loopback)
  for (const [frame, code] of [
    ['x'.repeat(channelMaxBytes + 1), 1009],
    [new Uint8Array(3), 1003],
  ] as const) {
    const agent = new WebSocket(`${url.replace('http', 'ws')}${channelPath}`)
    await once(agent as never, 'open')
    const closed = once(agent as never, 'close') as Promise<[CloseEvent]>
    agent.send(frame)
    expect((await closed)[0].code).toBe(code)
  }
})

test('closing the server closes its channels with 1001', async () => {
  const accepted = Promise.withResolvers<ChannelSocket>()
  const server = await startServer({ acceptChannel: accepted.resolve })
  const { url } = await server.listen(loopback)
  const agent = new WebSocket(`${url.replace('http', 'ws')}${channelPath}`)
  const closed = once(agent as never, 'close') as Promise<[CloseEvent]>
  await accepted.promise
  await server[Symbol.asyncDispose]()
  expect((await closed)[0].code).toBe(1001)
})

test('a web page of another site cannot open a channel', async () => {
  const server = await startServer({ acceptChannel: () => expect.unreachable() })
  const { url } = await server.listen(loopback)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.write(
    `GET ${channelPath} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nOrigin: http://evil.example\r\n\r\n',
  )
  await vi.waitFor(() => expect(text).toMatch(/^HTTP\/1.1 403 /))
  socket.destroy()
})

test.each(['/%', '/api/v1/label/%ff/values'])(
  'a path that cannot be decoded, %s, is refused like any bad request',
  async (path) => {
    const { url } = await (await startServer()).listen(loopback)
    const answer = await fetch(`${url}${path}`)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(await answer.json()).toMatchObject({ status: 'error', errorType: 'bad_data' })
  },
)

test('a connection that has never sent anything does not delay the end', async () => {
  const server = await startServer({ limits: { closeGraceMs: 3_600_000 } })
  const { url } = await server.listen(loopback)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  await (await fetch(`${url}/health`)).text()
  await server[Symbol.asyncDispose]()
  await closed
})
