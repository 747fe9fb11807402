import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { createMonitor, measureServer, sessionsOf } from './measured-server.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
  await createMonitor(server)
})
afterAll(() => server[Symbol.asyncDispose]())

/** A way to the server on which what it says arrives and its closing of the connection does not. */
async function startWayWithoutEnd(): Promise<{ port: number; said: () => string }> {
  let said = ''
  const sockets: Socket[] = []
  const proxy = createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    sockets.push(inner, outer)
    for (const socket of [inner, outer]) socket.on('error', () => undefined)
    inner.pipe(outer)
    outer.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1')
      inner.write(bytes)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  return { port: (proxy.address() as AddressInfo).port, said: () => said }
}

test('a session whose end was announced is over, also when the connection still looks open', async () => {
  const way = await startWayWithoutEnd()
  await using agent = await measureServer({
    ...server,
    url: () => `postgres://pgherd@127.0.0.1:${way.port}/postgres?sslmode=disable`,
  })
  expect(await agent.scrape()).toMatchObject({ up: 1 })
  const sessions = await sessionsOf(server)
  expect(sessions).toHaveLength(1)
  await server.query('select pg_terminate_backend($1)', [sessions[0]])
  await waitFor('the announcement', () => way.said().includes('57P01'))
  expect(await agent.scrape()).toMatchObject({ up: 1 })
})
