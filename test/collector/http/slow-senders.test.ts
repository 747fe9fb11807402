import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { HttpLimits } from '../../../collector/http/dependencies.ts'
import { createManualClock } from '../../manual-clock.ts'
import { noInsert, startServer } from './test-server.ts'

/** A server with room for one body, whose time moves by hand, and how many bodies it has begun to read. */
async function started(limits: Partial<HttpLimits>) {
  const clock = createManualClock()
  const registry = new Registry()
  let imports = 0
  const server = await startServer({
    clock,
    registry,
    limits,
    insert: {
      ...noInsert,
      importLines: (format, body, request) => {
        imports++
        return noInsert.importLines(format, body, request)
      },
    },
  })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^pgherd_collector_http_${name} (\\d+)$`, 'm').exec(await registry.metrics())?.[1])
  return { clock, url, metric, imports: () => imports }
}

/** A request whose body never comes. */
function stalled(url: string, path: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx`)
  return socket
}

test('a body that does not come makes room when another one waits for it', async () => {
  const { clock, url, metric } = await started({ writingBytes: 1000 })
  const socket = stalled(url, '/api/v1/write')
  await vi.waitFor(async () => expect(await metric('writing_bytes')).toBe(1000))
  await clock.advance(30_000)
  expect(await metric('slow_senders_total')).toBe(0)

  const second = fetch(`${url}/api/v1/write`, { method: 'POST', body: 'quick' })
  await vi.waitFor(async () => expect(await metric('writes_waiting')).toBe(1))
  await clock.advance(2_000)
  expect((await second).status).toBe(204)
  const answer = await text(socket)
  expect(answer).toMatch(
    /^HTTP\/1.1 503 .*\r\nconnection: close\r\n.*the body comes slower than 32768 bytes/is,
  )
  expect(await metric('slow_senders_total')).toBe(1)
})

test('an import that does not come makes room when another one waits for it', async () => {
  const { clock, url, metric, imports } = await started({ concurrentImports: 1 })
  const socket = stalled(url, '/api/v1/import')
  await vi.waitFor(() => expect(imports()).toBe(1))
  await clock.advance(30_000)
  expect(await metric('slow_senders_total')).toBe(0)

  const waiting = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void waiting.destroy())
  waiting.write('POST /api/v1/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n\n')
  // Its head has been read before the answer to the next request comes.
  await once(waiting, 'connect')
  await (await fetch(`${url}/health`)).text()
  await clock.advance(2_000)
  expect(await text(socket)).toMatch(/^HTTP\/1.1 503 .*\r\nconnection: close\r\n/is)
  await vi.waitFor(() => expect(imports()).toBe(2))
})
