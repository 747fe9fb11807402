import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { sendChunks } from '../../../collector/http/send-chunks.ts'

/** Listens with one route that sends the chunks. */
async function sending(chunks: () => Generator<string, void, undefined>): Promise<number> {
  const app = fastify({ forceCloseConnections: true })
  app.get('/', (_request, reply) => sendChunks(reply, chunks()))
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => app.close())
  return (app.server.address() as AddressInfo).port
}

test('a long answer leaves the event loop a turn per chunk, however fast its reader is', async () => {
  const count = 500
  let turns = 0
  let turning = true
  const turn = (): void => {
    turns++
    if (turning) setImmediate(turn)
  }
  const port = await sending(function* () {
    setImmediate(turn)
    for (let i = 0; i < count; i++) yield 'x'.repeat(1000)
    turning = false
  })
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  expect(await answer.text()).toHaveLength(count * 1000)
  expect(turns).toBeGreaterThan(count / 2)
})

test('an answer without an end ends with its reader', async () => {
  const ended = Promise.withResolvers<undefined>()
  const port = await sending(function* () {
    try {
      for (;;) yield 'x'.repeat(64 * 1024)
    } finally {
      ended.resolve(undefined)
    }
  })
  const socket = createConnection(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  await ended.promise
})

test('a short answer is sent as one piece with its length', async () => {
  const port = await sending(function* () {
    yield '{"status":"success"}'
  })
  const socket = createConnection(port, '127.0.0.1')
  const received = text(socket)
  socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  expect(await received).toMatch(/content-length: 20\r\n[^]*\r\n\r\n\{"status":"success"\}$/i)
})
