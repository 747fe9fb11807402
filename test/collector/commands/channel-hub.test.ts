import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { PgherdError } from '../../../common/errors.ts'
import { version } from '../../../common/version.ts'
import { silentLog } from '../../../common/log.ts'
import { createChannelHub } from '../../../collector/commands/channel-hub.ts'
import type { ChannelHubOptions } from '../../../collector/commands/channel-hub.ts'
import { handClock } from './hand-clock.ts'

/** The collector's side of a connection, with an agent that does whatever the test says. */
function fakeSocket() {
  const sent: { type: string; id?: string }[] = []
  const closes: (readonly [code: number, reason: string])[] = []
  let onText: (text: string) => void = () => undefined
  let onClose: () => void = () => undefined
  const state = { terminated: false }
  return {
    sent,
    closes,
    state,
    receive: (message: unknown) => onText(typeof message === 'string' ? message : JSON.stringify(message)),
    hangUp: () => onClose(),
    socket: {
      remoteAddress: '192.0.2.1',
      bufferedBytes: 0,
      send: (text: string) => void sent.push(JSON.parse(text) as { type: string }),
      close: (code: number, reason: string) => void closes.push([code, reason]),
      terminate: () => void (state.terminated = true),
      onText: (listener: (text: string) => void) => void (onText = listener),
      onClose: (listener: () => void) => void (onClose = listener),
    },
  }
}

function setUp(options: Partial<ChannelHubOptions> = {}) {
  const clock = handClock()
  const events: string[] = []
  const known = new Set<string>()
  const hub = createChannelHub({
    clock,
    log: silentLog,
    isKnown: (node) => known.has(node),
    onHello: ({ node }) => {
      known.add(node)
      events.push(`hello ${node}`)
    },
    onSeen: (node) => events.push(`seen ${node}`),
    onGone: (node) => events.push(`gone ${node}`),
    ...options,
  })
  onTestFinished(() => hub[Symbol.asyncDispose]())
  const connect = (node?: string) => {
    const agent = fakeSocket()
    hub.accept(agent.socket)
    if (node !== undefined) agent.receive(hello(node, clock.now()))
    return agent
  }
  return { hub, clock, events, connect }
}

function hello(node: string, nowMs = 0) {
  return { type: 'hello', protocol: 1, node, cluster: 'pg-main', ip: '10.10.10.11', version: '0.1.0', nowMs }
}

test('a ping gives the round trip, the version and the skew of the agent', async () => {
  const { hub, clock, connect } = setUp()
  const agent = connect('pg-main-1')
  const answer = hub.ping('pg-main-1', 5_000)
  const [ping] = agent.sent
  await clock.advance(1_000)
  agent.receive({ type: 'pong', id: ping?.id, nowMs: clock.now() + 30_000, version: '9.9.9' })
  expect(await answer).toEqual({
    node: 'pg-main-1',
    roundTripMs: 1_000,
    version: '9.9.9',
    clockSkewMs: 30_500,
  })
})

test('a ping to a node nobody has heard of is not found', async () => {
  const { hub } = setUp()
  await expect(hub.ping('pg-main-9', 1_000)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a ping to a node that is not connected is unreachable', async () => {
  const { hub, connect } = setUp()
  connect('pg-main-1').hangUp()
  await expect(hub.ping('pg-main-1', 1_000)).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

test('a ping without an answer times out, and a late answer does no harm', async () => {
  const { hub, clock, connect } = setUp()
  const agent = connect('pg-main-1')
  const answer = expect(hub.ping('pg-main-1', 2_000)).rejects.toMatchObject({ code: 'TIMED_OUT' })
  await clock.advance(2_000)
  await answer
  agent.receive({ type: 'pong', id: agent.sent[0]?.id, nowMs: 0, version: '0' })
  expect(hub.isConnected('pg-main-1')).toBe(true)
})

test('a ping whose channel breaks is unreachable at once', async () => {
  const { hub, connect } = setUp()
  const agent = connect('pg-main-1')
  const answer = hub.ping('pg-main-1', 60_000)
  agent.hangUp()
  await expect(answer).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

test('a ping ends with its signal', async () => {
  const { hub, connect } = setUp()
  connect('pg-main-1')
  const stop = new AbortController()
  const answer = hub.ping('pg-main-1', 60_000, stop.signal)
  stop.abort()
  await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('an invented pong answers nothing', async () => {
  const { hub, connect, clock } = setUp()
  const agent = connect('pg-main-1')
  const answer = expect(hub.ping('pg-main-1', 1_000)).rejects.toMatchObject({ code: 'TIMED_OUT' })
  agent.receive({ type: 'pong', id: 'guessed', nowMs: 0, version: '0' })
  await clock.advance(1_000)
  await answer
})

test('more pings than may wait are refused', async () => {
  const { hub, connect } = setUp({ limits: { maxPendingPings: 2 } })
  const agent = connect('pg-main-1')
  const waiting = [hub.ping('pg-main-1', 1_000), hub.ping('pg-main-1', 1_000)]
  await expect(hub.ping('pg-main-1', 1_000)).rejects.toMatchObject({ code: 'REFUSED' })
  for (const { id } of agent.sent) agent.receive({ type: 'pong', id, nowMs: 0, version: '0' })
  expect(await Promise.all(waiting)).toHaveLength(2)
})

test('a second connection of a node replaces the first, which is told why', async () => {
  const { hub, connect, events } = setUp()
  const first = connect('pg-main-1')
  const second = connect('pg-main-1')
  expect(first.closes).toEqual([[4000, 'replaced by a newer connection of the same node']])
  first.hangUp()
  expect(events).toEqual(['hello pg-main-1', 'hello pg-main-1'])
  expect(hub.stats()).toMatchObject({ connections: 1, connectedNodes: 1, replacedConnections: 1 })
  const answer = hub.ping('pg-main-1', 1_000)
  second.receive({ type: 'pong', id: second.sent[0]?.id, nowMs: 0, version: '0' })
  expect(await answer).toMatchObject({ node: 'pg-main-1' })
})

test('heartbeats are answered and reported', () => {
  const { connect, events } = setUp()
  const agent = connect('pg-main-1')
  agent.receive({ type: 'ping', id: 'heartbeat-1' })
  expect(agent.sent).toMatchObject([{ type: 'pong', id: 'heartbeat-1' }])
  expect(events).toEqual(['hello pg-main-1', 'seen pg-main-1'])
})

test('a channel that is silent for 40 s is dropped, one with heartbeats is not', async () => {
  const { hub, clock, connect, events } = setUp()
  const silent = connect('pg-silent-1')
  const alive = connect('pg-alive-1')
  for (let i = 0; i < 4; i++) {
    await clock.advance(15_000)
    alive.receive({ type: 'ping', id: `heartbeat-${i}` })
  }
  expect(silent.state.terminated).toBe(true)
  expect(alive.state.terminated).toBe(false)
  expect(events).toContain('gone pg-silent-1')
  expect(hub.stats()).toMatchObject({ connectedNodes: 1, idleConnections: 1 })
})

test('a connection that never says hello is dropped after 10 s', async () => {
  const { hub, clock, connect, events } = setUp()
  const agent = connect()
  await clock.advance(15_000)
  expect(agent.state.terminated).toBe(true)
  expect(hub.stats().connections).toBe(0)
  expect(events).toEqual([])
})

test.each([
  ['a message before hello', [{ type: 'ping', id: '1' }], 'the first message has to be hello'],
  [
    'a hello as another node',
    [hello('pg-main-1'), hello('pg-main-2')],
    'a connection cannot change its node',
  ],
  [
    'an agent of a later protocol',
    [{ ...hello('pg-main-1'), protocol: 2, version: '9.0.0' }],
    `this agent (9.0.0) speaks protocol 2, the collector (${version}) 1: upgrade the collector first`,
  ],
])('%s is turned away', (_what, messages, reason) => {
  const { hub, connect } = setUp()
  const agent = connect()
  for (const text of messages) agent.receive(text)
  expect(agent.closes).toEqual([[1008, reason]])
  expect(hub.stats().connections).toBe(0)
})

test('an agent that the fleet refuses is turned away with the reason', () => {
  const { hub, connect } = setUp({
    onHello: () => {
      throw new PgherdError('REFUSED', 'the fleet is full, '.repeat(20))
    },
  })
  const agent = connect('pg-main-1')
  expect(agent.closes[0]?.[0]).toBe(1008)
  expect(agent.closes[0]?.[1].length).toBeLessThanOrEqual(123)
  expect(hub.isConnected('pg-main-1')).toBe(false)
})

test('a failure to note a sign of life does not end the channel', () => {
  const { hub, connect } = setUp({
    onSeen: () => {
      throw new Error('database or disk is full')
    },
  })
  const agent = connect('pg-main-1')
  agent.receive({ type: 'ping', id: '1' })
  expect(agent.sent).toMatchObject([{ type: 'pong' }])
  expect(hub.isConnected('pg-main-1')).toBe(true)
})

test('a message of a newer agent is answered with unsupported', () => {
  const { hub, connect } = setUp()
  const agent = connect('pg-main-1')
  agent.receive({ type: 'progress', percent: 50 })
  expect(agent.sent).toEqual([{ type: 'unsupported', received: 'progress' }])
  expect(hub.stats()).toMatchObject({ unknownMessages: 1, badFrames: 0 })
})

test('a sender of bad frames is tolerated for a while and then turned away', () => {
  const { hub, connect } = setUp({ limits: { maxBadFrames: 3 } })
  const agent = connect('pg-main-1')
  for (const text of ['{', '7', '{"type":"pong"}']) agent.receive(text)
  expect(agent.closes).toEqual([])
  agent.receive('again')
  expect(agent.closes).toEqual([[1008, 'too many bad frames']])
  expect(hub.stats()).toMatchObject({ badFrames: 4, connections: 0 })
})

test('a sender that floods is turned away; one within the rate is not', async () => {
  const { clock, connect } = setUp({ limits: { framesPerSecond: 10, frameBurst: 20 } })
  const flood = connect('pg-flood-1')
  for (let i = 0; i < 30; i++) flood.receive({ type: 'ping', id: String(i) })
  expect(flood.closes).toEqual([[1008, 'more than 10 messages per second']])
  expect(flood.sent).toHaveLength(19)

  const steady = connect('pg-steady-1')
  for (let second = 0; second < 10; second++) {
    for (let i = 0; i < 10; i++) steady.receive({ type: 'ping', id: String(i) })
    await clock.advance(1_000)
  }
  expect(steady.closes).toEqual([])
})

test('an agent that does not read is dropped instead of filling memory', () => {
  const { hub, connect } = setUp()
  const agent = connect('pg-main-1')
  agent.socket.bufferedBytes = 100 << 20
  agent.receive({ type: 'ping', id: '1' })
  expect(agent.state.terminated).toBe(true)
  expect(agent.sent).toEqual([])
  expect(hub.isConnected('pg-main-1')).toBe(false)
})

test('more connections than allowed are sent away', () => {
  const { hub, connect } = setUp({ limits: { maxConnections: 1 } })
  connect('pg-main-1')
  const second = connect()
  expect(second.closes).toEqual([[1001, 'the collector takes no more connections']])
  expect(hub.stats()).toMatchObject({ connections: 1, refusedConnections: 1 })
})

test('the end of the hub closes every channel and fails what waits', async () => {
  const { hub, connect } = setUp()
  const agent = connect('pg-main-1')
  const answer = expect(hub.ping('pg-main-1', 1_000)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await hub[Symbol.asyncDispose]()
  await answer
  expect(agent.closes).toEqual([[1001, 'the collector is stopping']])
})

test('no text makes the hub throw', () => {
  const { connect } = setUp({ limits: { maxBadFrames: Infinity, frameBurst: Infinity } })
  const agent = connect('pg-main-1')
  const almost = fc.record(
    {
      type: fc.constantFrom('hello', 'ping', 'pong', 'unsupported', '__proto__'),
      id: fc.anything(),
      node: fc.anything(),
      nowMs: fc.anything(),
    },
    { requiredKeys: ['type'] },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        almost.map((value) =>
          JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
        ),
      ),
      (text) => {
        agent.receive(text)
      },
    ),
    { numRuns: 1000 },
  )
  agent.sent.length = 0
  agent.receive({ type: 'ping', id: 'still there' })
  expect(agent.sent).toMatchObject([{ type: 'pong', id: 'still there' }])
})

test('1,000 agents answer a ping to all of them', async () => {
  const { hub, connect } = setUp()
  const nodes = Array.from({ length: 1000 }, (_, i) => `pg-fleet-${i}`)
  const agents = nodes.map((node) => connect(node))
  const answers = nodes.map((node) => hub.ping(node, 1_000))
  for (const agent of agents) agent.receive({ type: 'pong', id: agent.sent[0]?.id, nowMs: 0, version: '0' })
  await vi.waitFor(async () => expect((await Promise.all(answers)).map(({ node }) => node)).toEqual(nodes))
})
