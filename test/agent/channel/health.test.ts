import { expect, onTestFinished, test, vi } from 'vitest'
import { createChannel } from '../../../agent/channel/channel.ts'
import { healthMessages } from '../../../agent/channel/health-messages.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Clock } from '../../../common/clock.ts'
import { healthMessage } from '../../../common/health/instance-health.ts'
import type { HealthMessage, InstanceHealth } from '../../../common/health/instance-health.ts'
import { silentLog } from '../../../common/log.ts'
import { version } from '../../../common/version.ts'
import { channelMaxBytes } from '../../../common/wire/channel.ts'
import { startChannelServer } from '../../collector/commands/channel-server.ts'
import { healthOf } from './health-of.ts'

interface Heard {
  readonly messages: readonly HealthMessage[]
  change(next: InstanceHealth): void
}

/** An agent that knows one server, and a collector that writes down what it hears of it. */
async function connect(options: { answer?: string; clock?: Clock } = {}): Promise<Heard> {
  const messages: HealthMessage[] = []
  const server = await startChannelServer({
    onMessage(_node, message) {
      if (message.type !== 'health') return
      messages.push(message)
      if (options.answer === undefined) return
      for (const socket of server.sockets) socket.send(options.answer)
    },
  })
  let known = healthOf('pg-1')
  const listeners = new Set<(health: InstanceHealth) => void>()
  const stop = new AbortController()
  const channel = createChannel({
    url: server.url,
    identity: { node: 'pg-1', cluster: 'pg', ip: '10.0.0.1', version },
    clock: options.clock ?? systemClock,
    log: silentLog,
    health: {
      all: () => [known],
      subscribe(listener) {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
    },
  })
  const running = channel.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await running
    expect(listeners.size).toBe(0)
  })
  await vi.waitFor(() => expect(messages.length).toBeGreaterThan(0))
  return {
    messages,
    change(next) {
      known = next
      for (const listener of listeners) listener(next)
    },
  }
}

const statesOf = ({ messages }: Heard): readonly (string | undefined)[] =>
  messages.map(({ servers }) => servers[0]?.state)

/** Its sleeps are so much shorter. */
const fast: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) }

test('the collector hears of the servers after the hello, and again without a change', async () => {
  const heard = await connect({ clock: fast })
  await vi.waitFor(() =>
    expect(statesOf(heard).filter((state) => state !== undefined).length).toBeGreaterThan(2),
  )
  expect(new Set(statesOf(heard))).toEqual(new Set(['running', undefined]))
})

test('in between it hears each second which servers are as they were', async () => {
  const heard = await connect({ clock: fast })
  await vi.waitFor(() => expect(heard.messages.length).toBeGreaterThan(1))
  expect(heard.messages[1]).toMatchObject({ servers: [], unchanged: [{ server: 'pg-1' }] })
})

test('a change is told at once', async () => {
  const heard = await connect()
  const beganMs = performance.now()
  heard.change(healthOf('pg-1', { state: 'hung', role: null }))
  await vi.waitFor(() => expect(statesOf(heard)).toEqual(['running', 'hung']))
  expect(performance.now() - beganMs).toBeLessThan(1_000)
})

test('many changes in a moment are one message, which has the last of them', async () => {
  const heard = await connect()
  for (const state of ['hung', 'down', 'starting'] as const) heard.change(healthOf('pg-1', { state }))
  await vi.waitFor(() => expect(statesOf(heard)).toEqual(['running', 'starting']))
})

test('a collector that does not know the message is told no more', async () => {
  const heard = await connect({ answer: '{"type":"unsupported","received":"health"}', clock: fast })
  // Until its answer arrives there may be some; else there would be one every twenty milliseconds.
  let before = 0
  await vi.waitFor(
    () => {
      const { length } = heard.messages
      const isStill = length === before
      before = length
      expect(isStill).toBe(true)
    },
    { interval: 300 },
  )
})

test('the reports of many servers go out in messages that fit into frames, each server once', () => {
  const slot = {
    slotName: 's'.repeat(63),
    isActive: true,
    isLogical: false,
    retainedBytes: 1,
    walStatus: null,
  }
  const all = Array.from({ length: 300 }, (_, i) =>
    healthOf(`pg-${i}`, { slots: Array.from({ length: 64 }, () => slot) }),
  )
  const messages = healthMessages(all, 0)
  for (const message of messages) {
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(channelMaxBytes)
    expect(healthMessage.safeParse(message).success).toBe(true)
  }
  expect(messages.flatMap(({ servers }) => servers.map(({ server }) => server))).toEqual(
    all.map(({ server }) => server),
  )
})
