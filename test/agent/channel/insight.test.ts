import { expect, onTestFinished, test, vi } from 'vitest'
import { createChannel } from '../../../agent/channel/channel.ts'
import type { ChannelInsight, InsightBatch } from '../../../agent/channel/insight-sending.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Clock } from '../../../common/clock.ts'
import type { InsightReport, ReceivedReport } from '../../../common/insight/insight-report.ts'
import { silentLog } from '../../../common/log.ts'
import { version } from '../../../common/version.ts'
import { startChannelServer } from '../../collector/commands/channel-server.ts'

/** An agent that has something to tell, and a collector that answers as it is told to. */
async function connect(answer: (report: ReceivedReport) => object | undefined, clock: Clock = fast) {
  const received: ReceivedReport[] = []
  const server = await startChannelServer({
    onMessage(_node, message) {
      if (message.type !== 'insight') return
      received.push(message.report)
      const said = answer(message.report)
      if (said !== undefined) for (const socket of server.sockets) socket.send(JSON.stringify(said))
    },
  })
  const kept = ['a', 'b', 'c'].map((id): InsightReport => {
    return { id, server: 'pg-1', cluster: 'pg', topic: 'schema-changes', atMs: 1, body: { of: id } }
  })
  let waiters: (() => void)[] = []
  let done = new AbortController()
  const insight: ChannelInsight = {
    next(): Promise<InsightBatch> {
      done = new AbortController()
      return Promise.resolve({ reports: kept.slice(0, 2), done: done.signal })
    },
    wait: (signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve())
        waiters.push(resolve)
      }),
    stored(ids) {
      for (const id of ids) {
        const at = kept.findIndex((one) => one.id === id)
        if (at >= 0) kept.splice(at, 1)
      }
      done.abort()
    },
  }
  const stop = new AbortController()
  const channel = createChannel({
    url: server.url,
    identity: { node: 'pg-1', cluster: 'pg', ip: '10.0.0.1', version },
    clock,
    log: silentLog,
    insight,
  })
  const running = channel.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await running
  })
  return {
    received,
    kept,
    channel,
    server,
    tell: (report: InsightReport): void => {
      kept.push(report)
      for (const wake of waiters) wake()
      waiters = []
    },
  }
}

/** Its sleeps are so much shorter: a minute is 0.6 s. */
const fast: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) }

test('reports are sent until they are stored, and new ones when they come', async () => {
  const { received, kept, tell } = await connect(({ id }) => ({ type: 'insight-stored', ids: [id] }))
  await vi.waitFor(() => expect(kept).toEqual([]))
  expect([...new Set(received.map(({ id }) => id))]).toEqual(['a', 'b', 'c'])
  expect(received[0]).toEqual({
    ...{ id: 'a', server: 'pg-1', cluster: 'pg', topic: 'schema-changes' },
    ...{ atMs: 1, body: { of: 'a' } },
  })
  tell({ id: 'd', server: 'pg-1', cluster: 'pg', topic: 'watchdog', atMs: 2, body: null })
  await vi.waitFor(() => expect(received.at(-1)?.id).toBe('d'))
})

test('what the collector could not store is sent again', async () => {
  const { received } = await connect(() => undefined)
  await vi.waitFor(() => expect(received.map(({ id }) => id).slice(0, 4)).toEqual(['a', 'b', 'a', 'b']), {
    timeout: 5_000,
  })
})

test('and so it is by the next connection', async () => {
  const { received, server } = await connect(() => undefined, {
    ...fast,
    // Nothing is sent again but by a new connection.
    sleep: (ms, signal) => systemClock.sleep(ms === 60_000 ? 1e6 : ms / 100, signal),
  })
  await vi.waitFor(() => expect(received).toHaveLength(2))
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(received.map(({ id }) => id)).toEqual(['a', 'b', 'a', 'b']), {
    timeout: 5_000,
  })
})

test('an older collector that does not know reports is not sent any more on this connection, and they stay', async () => {
  const { received, kept, channel } = await connect(() => ({ type: 'unsupported', received: 'insight' }))
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(0))
  // Longer than two turns of sending would take.
  const heard = channel.stats().lastHeardMs!
  await vi.waitFor(() => expect(channel.stats().lastHeardMs).toBeGreaterThan(heard + 1_300), {
    timeout: 5_000,
  })
  expect(received.length).toBeLessThanOrEqual(2)
  expect(kept).toHaveLength(3)
  expect(channel.stats()).toMatchObject({ connected: true, connects: 1 })
})
