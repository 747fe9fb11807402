import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createBackoff } from '../../../common/backoff.ts'
import { systemClock } from '../../../common/clock.ts'
import { createHttpClient } from '../../../common/http-client.ts'
import { silentLog } from '../../../common/log.ts'
import { createPusher } from '../../../common/push/pusher.ts'
import { openSpool } from '../../../common/spool/spool.ts'

test('an outage is back-filled from the spool in order, across a restart, and a dead destination holds back nobody', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pgherd-push-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const received: string[] = []
  let healthy = false
  const server = createServer((request, response) => {
    void request.toArray().then((parts: Buffer[]) => {
      if (healthy) received.push(Buffer.concat(parts).toString())
      response.writeHead(healthy ? 204 : 503).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo

  const run = async (texts: string[], until: () => void) => {
    await using spool = await openSpool({
      directory,
      readers: ['main', 'dead'],
      maxBytes: 1 << 20,
      maxAgeMs: 3_600_000,
      segmentBytes: 256,
      clock: systemClock,
      log: silentLog,
    })
    using http = createHttpClient()
    const stop = new AbortController()
    const pushers = [
      ['main', `http://127.0.0.1:${port}/api/v1/write`],
      ['dead', 'http://127.0.0.1:1/api/v1/write'],
    ].map(([name = '', url = '']) =>
      createPusher({
        queue: spool.reader(name),
        http,
        url,
        clock: systemClock,
        log: silentLog,
        request: { records: 1, bytes: 0 },
        backoff: createBackoff({ firstMs: 1, maxMs: 5 }),
      }),
    )
    const running = pushers.map((pusher) => pusher.run(stop.signal))
    for (const text of texts) await spool.append({ timestampMs: Date.now(), payload: Buffer.from(text) })
    await vi.waitFor(() => {
      expect(pushers.every((pusher) => pusher.stats().retries > 0)).toBe(true)
      until()
    })
    stop.abort()
    await Promise.all(running)
    return { main: pushers[0]!.stats(), dead: spool.reader('dead').backlog().records }
  }

  const first = Array.from({ length: 40 }, (_, i) => `during the outage ${i}`)
  expect(await run(first, () => undefined)).toMatchObject({ main: { sent: 0, behindRecords: 40 }, dead: 40 })
  const second = ['after the restart']
  const recover = () => {
    healthy = true
    expect(received).toHaveLength(41)
  }
  expect(await run(second, recover)).toMatchObject({ main: { sent: 41, behindRecords: 0 }, dead: 41 })
  expect(received).toEqual([...first, ...second])
})
