import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createJsonEndpoint } from '../../../agent/health/json-endpoint.ts'

/** Answers every path with its number, until it is stopped. */
async function startServer(number: number) {
  const server = createServer((_request, response) => response.end(JSON.stringify({ number })))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = (): void => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(stop)
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

test('an address that a file tells is read once, and again after a failure', async () => {
  const [first, second] = [await startServer(1), await startServer(2)]
  const told = { origin: first.origin, reads: 0 }
  using endpoint = createJsonEndpoint({
    url: 'http://127.0.0.1:1',
    resolve: () => {
      told.reads++
      return Promise.resolve({ origin: told.origin, tls: undefined })
    },
  })
  const ask = async () => (await endpoint.get('/leader', 2_000)).body
  expect([await ask(), await ask()]).toEqual([{ number: 1 }, { number: 1 }])
  expect(told.reads).toBe(1)
  first.stop()
  told.origin = second.origin
  await expect(ask()).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect(await ask()).toEqual({ number: 2 })
})
