import fastifyWebsocket from '@fastify/websocket'
import fc from 'fast-check'
import fastify from 'fastify'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { createChannel } from '../../../agent/channel/channel.ts'
import { createBackoff } from '../../../common/backoff.ts'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { channelMaxBytes, fromAgent } from '../../../common/wire/channel.ts'

type Sent = string | Buffer

const signature = { key: 'a'.repeat(16), signature: 'a'.repeat(86) }
/** Messages as a collector sends them; every field is needed and none may be of another type. */
const messages: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'ping', id: 'a' },
  { type: 'pong', id: 'a', nowMs: 1, version: '1' },
  { type: 'command', command: { payload: '{}', signatures: [signature] } },
  { type: 'result-stored', id: 'a' },
  { type: 'audit-stored', seq: 1, hash: 'a'.repeat(64) },
  { type: 'audit-head', seq: 1, hash: 'a'.repeat(64) },
  { type: 'unsupported', received: 'a' },
]
const known = new Set(messages.map(({ type }) => type))
const message = fc.constantFrom(...messages)
const depth = fc.integer({ min: 1, max: 100_000 })
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

const cut = message
  .map((whole) => JSON.stringify(whole))
  .chain((text) => fc.nat(text.length - 1).map((end) => text.slice(0, end)))
const wrongType = message.chain((whole) =>
  fc
    .tuple(fc.constantFrom(...Object.keys(whole)), fc.constantFrom(true, [], { a: 1 }))
    .map(([field, value]) => JSON.stringify({ ...whole, [field]: value })),
)
const bad: fc.Arbitrary<Sent> = fc.oneof(
  cut,
  wrongType,
  fc.string(),
  fc.json().filter((text) => !text.includes('"type"')),
  depth.map(nested),
  depth.map((levels) => `{"type":"command","command":{"payload":${nested(levels)},"signatures":[]}}`),
  fc.constant('{"type":"ping","id":"a","id":[]}'),
  fc.constant(`{"type":"ping","id":"${'a'.repeat(900_000)}"}`),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  message.map((whole) => Buffer.from(JSON.stringify(whole))),
)
const unknownType = fc.oneof(
  fc.string({ minLength: 1, maxLength: 64 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hello', 'command-result', 'audit'),
)
const unknown: fc.Arbitrary<Sent> = fc.oneof(
  unknownType.filter((type) => !known.has(type)).map((type) => JSON.stringify({ type, id: 'a' })),
  fc.constant('{"type":"ping","id":"a","type":"newer"}'),
  depth.map((levels) => `{"type":"newer","of":${nested(levels)}}`),
)

/** A collector that sends what the test says, and an agent that keeps a channel to it. */
async function startPair() {
  const submitted: unknown[] = []
  const heard: string[] = []
  let socket: WebSocket | undefined
  const app = fastify()
  await app.register(fastifyWebsocket)
  app.get('/', { websocket: true }, (opened) => {
    socket = opened
    opened.on('error', () => undefined)
    opened.on('message', (data) => heard.push(data.toString('utf8')))
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const stop = new AbortController()
  const channel = createChannel({
    url: url.replace('http', 'ws'),
    identity: { node: 'pg-main-1', cluster: 'pg-main', ip: '192.0.2.1', version: '0.1.0' },
    clock: systemClock,
    log: silentLog,
    backoff: createBackoff({ firstMs: 1, maxMs: 5 }),
    commands: {
      actions: () => [],
      submit: (command) => void submitted.push(command),
      resultStored: (id) => void submitted.push(id),
      auditStored: (seq) => void submitted.push(seq),
      connected: () => undefined,
      disconnected: () => undefined,
    },
  })
  const done = channel.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await done
    await app.close()
  })
  await vi.waitFor(() => expect(socket).toBeDefined())
  let asked = 0
  return {
    channel,
    submitted,
    send: (frames: readonly Sent[]) => frames.forEach((frame) => socket?.send(frame)),
    /** @returns what the agent said until it answered a ping */
    answers: async (): Promise<readonly unknown[]> => {
      const id = `asked-${++asked}`
      socket?.send(JSON.stringify({ type: 'ping', id }))
      await vi.waitFor(() => expect(heard.some((text) => text.includes(`"${id}"`))).toBe(true), {
        interval: 1,
      })
      return heard.splice(0).map((text) => JSON.parse(text) as unknown)
    },
  }
}

describe('frames of a hostile collector', () => {
  test.each([
    ['badFrames', bad],
    ['unknownMessages', unknown],
  ] as const)('are counted as %s, do nothing, and the agent goes on', async (counter, frame) => {
    const { channel, submitted, send, answers } = await startPair()
    await answers()
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 8 }), async (frames) => {
        const before = channel.stats()
        send(frames)
        const said = await answers()
        const after = channel.stats()
        expect(after[counter] - before[counter]).toBe(frames.length)
        expect(after).toMatchObject({ connects: 1, connected: true, commandsReceived: 0 })
        expect(said.length).toBeLessThanOrEqual(frames.length + 1)
        for (const one of said) expect(fromAgent.safeParse(one).success).toBe(true)
      }),
      { numRuns: 25 },
    )
    expect(submitted).toEqual([])
  })

  test.each([
    ['larger than a frame may be', Buffer.alloc(channelMaxBytes + 1, ' ').toString()],
    ['larger than a frame may be, and binary', Buffer.alloc(channelMaxBytes + 1)],
  ])('that are %s end the connection, not the agent', async (_what, frame) => {
    const { channel, send, answers } = await startPair()
    await answers()
    send([frame])
    await vi.waitFor(() => expect(channel.stats()).toMatchObject({ connects: 2, connected: true }))
    expect(await answers()).toContainEqual(expect.objectContaining({ type: 'pong' }))
  })

  test('that come without end close the connection, and are not all answered', async () => {
    const { channel, send, answers } = await startPair()
    await answers()
    send(Array.from({ length: 20_000 }, () => '{"type":"newer"}'))
    await vi.waitFor(() => expect(channel.stats().connects).toBeGreaterThan(1))
    expect(channel.stats().unknownMessages).toBeLessThan(10_000)
  })
})
