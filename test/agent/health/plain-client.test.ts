import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createPlainClient } from '../../../agent/health/plain-client.ts'
import type { HttpRequest } from '../../../common/http-client.ts'
import { freePort } from '../../../testbed/ports.ts'

/** A server that does with a connection what the test says once a request has come. */
async function start(answer: (socket: Socket, request: string) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => answer(socket, bytes.toString()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = createPlainClient()
  onTestFinished(() => {
    client[Symbol.dispose]()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/leader?x=1`
  const get = (parts: Partial<HttpRequest> = {}) =>
    client.send({ method: 'GET', url, timeoutMs: 5_000, ...parts })
  return { client, port, get }
}

test('an answer is its status and whatever comes until the connection ends', async () => {
  const asked: string[] = []
  const { get, port } = await start((socket, request) => {
    asked.push(request)
    socket.write('HTTP/1.0 503 Service Unavailable\r\nServer: x\r\n\r\n{"state"')
    socket.end(': "größer"}')
  })
  const { status, body } = await get({ headers: { authorization: 'Basic eA==' } })
  expect([status, Buffer.from(body).toString()]).toEqual([503, '{"state": "größer"}'])
  expect(asked).toEqual([
    `GET /leader?x=1 HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nauthorization: Basic eA==\r\n\r\n`,
  ])
})

test.each([
  ['hangs up', '', 'it hung up'],
  ['speaks something else', 'SSH-2.0-x\r\n\r\n', 'it does not speak HTTP'],
  ['breaks off', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}', 'the answer was broken off'],
  ['answers in pieces', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'in pieces'],
])('a server that %s is unreachable, with the reason', async (_what, text, reason) => {
  const { get } = await start((socket) => socket.end(text))
  await expect(get()).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining(reason) as string,
  })
})

test('where nobody listens is unreachable', async () => {
  const { client } = await start(() => undefined)
  const url = `http://127.0.0.1:${await freePort()}/`
  await expect(client.send({ method: 'GET', url, timeoutMs: 5_000 })).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('ECONNREFUSED') as string,
  })
})

test('a server that is silent in the middle of an answer is given up in time', async () => {
  const { get } = await start((socket) => void socket.write('HTTP/1.0 200 OK\r\n\r\n{'))
  await expect(get({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'TIMED_OUT' })
})

test('an answer over the limit is no answer', async () => {
  const { get } = await start((socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${'x'.repeat(100)}`))
  await expect(get({ maxAnswerBytes: 99 })).rejects.toMatchObject({ code: 'BAD_DATA' })
})

test('a request ends with its signal, and with the client', async () => {
  const { client, get } = await start(() => undefined)
  const given = new AbortController()
  const asked = get({ signal: given.signal })
  const other = get()
  given.abort()
  await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' })
  client[Symbol.dispose]()
  await expect(other).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect(get()).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('what it cannot send it refuses', async () => {
  const { get } = await start(() => undefined)
  await expect(get({ method: 'POST' })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
  await expect(get({ url: 'https://127.0.0.1/' })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
})
