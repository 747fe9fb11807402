import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { startBlackhole } from '../../../testbed/blackhole.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** A session to a server that answers the first bytes it gets with `answer` and then keeps the connection open. */
async function sessionWith(answer: Buffer) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const session = createSession({ url: `postgres://u:p@127.0.0.1:${port}/db`, clock: systemClock })
  onTestFinished(async () => {
    await session[Symbol.asyncDispose]()
    server.close()
  })
  return session
}

test.each([
  ['asks for a login that the driver does not know (gss)', 'R\0\0\0\b\0\0\0\u0007', 'message type 7'],
  ['asks for one in fewer bytes than it takes', 'R\0\0\0\u0004', 'cannot be read'],
  ['sends an error that does not end', 'E\0\0\0\u000aSFATAL', 'a text without an end'],
  ['is a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n', "is not PostgreSQL's protocol"],
])('a server that %s costs the connection and nothing else', async (_, answer, reason) => {
  const session = await sessionWith(Buffer.from(answer, 'latin1'))
  await expect(session.connect(5_000)).rejects.toMatchObject({
    code: 'POSTGRES_UNAVAILABLE',
    message: expect.stringContaining(reason) as string,
  })
  expect(session.isConnected).toBe(false)
})

test('the end does not wait for a server that accepts and never answers', async () => {
  await using silent = await startBlackhole()
  const session = createSession({ url: `postgres://u:p@127.0.0.1:${silent.port}/db`, clock: systemClock })
  const connecting = session.connect(60_000).catch((error: unknown) => error)
  await waitFor('the connection', () => silent.accepted === 1)
  await session[Symbol.asyncDispose]()
  expect(await connecting).toMatchObject({ code: 'POSTGRES_UNAVAILABLE' })
  await expect(session.connect(60_000)).rejects.toMatchObject({ code: 'CANCELLED' })
})
