import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { createManualClock } from '../../manual-clock.ts'
import { seriesOf, storing } from './stored-series.ts'
import { startServer } from './test-server.ts'

const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

/** A store whose export has no end, and how many pieces were taken of it. */
function endless() {
  const piece = seriesOf(
    { __name__: 'm' },
    Array.from({ length: 1000 }, (_, i) => [i, i] as const),
  )
  let pieces = 0
  let ended = false
  return {
    administration: {
      ...storing([]).administration,
      async *exportSeries() {
        try {
          for (;;) {
            pieces++
            await Promise.resolve()
            yield piece
          }
        } finally {
          ended = true
        }
      },
    },
    pieces: () => pieces,
    ended: () => ended,
  }
}

test('an export stops where its reader stops, and is cut off when nothing is taken for long', async () => {
  const clock = createManualClock()
  const { administration, pieces, ended } = endless()
  const server = await startServer({ administration, clock, limits: { sendStallMs: 60_000 } })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(request('/api/v1/export?match[]=m'))
  await once(socket, 'readable')
  // Nothing is read: the kernel's buffers fill up, and then no more is made.
  let before = -1
  await vi.waitFor(
    () => {
      const now = pieces()
      const isStill = now === before
      before = now
      expect(isStill).toBe(true)
    },
    { timeout: 10_000, interval: 200 },
  )
  expect(before).toBeLessThan(2_000)

  await clock.advance(45_000)
  expect(ended()).toBe(false)
  await clock.advance(45_000)
  await vi.waitFor(() => expect(ended()).toBe(true))
  const metrics = await server.inject({ url: '/metrics' })
  expect(metrics.body).toContain('pgherd_collector_http_slow_readers_total 1')
  socket.destroy()
})

test('a client that goes away ends its export', async () => {
  const { administration, ended } = endless()
  const server = await startServer({ administration })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(request('/api/v1/export?match[]=m'))
  await once(socket, 'data')
  socket.destroy()
  await vi.waitFor(() => expect(ended()).toBe(true))
})

test('a connection without anything to send is left alone', async () => {
  const clock = createManualClock()
  const server = await startServer({ clock, limits: { sendStallMs: 60_000 } })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  await clock.advance(600_000)
  socket.write(request('/health'))
  const [data] = (await once(socket, 'data')) as [Buffer]
  expect(data.toString()).toContain('200 OK')
  socket.destroy()
})

test('more connections than the limit are refused', async () => {
  const server = await startServer({ limits: { connections: 1 } })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const port = Number(new URL(url).port)
  const first = connect(port, '127.0.0.1')
  first.write(request('/health'))
  await once(first, 'data')
  const second = connect(port, '127.0.0.1')
  second.on('error', () => undefined)
  await once(second, 'close')
  first.destroy()
})
