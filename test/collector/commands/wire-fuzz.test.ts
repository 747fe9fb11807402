import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../../common/clock.ts'
import { channelMaxBytes } from '../../../common/wire/channel.ts'
import { command, result } from './commands.ts'
import { startControl, temporaryDirectory } from './start-control.ts'
import type { TestControl } from './start-control.ts'

const id = command().id

/** Messages as agents send them, of which the fuzz breaks parts. */
const genuine: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'servers', servers: [{ server: 'pg-main-1', kind: 'postgres', systemIdentifier: '7' }] },
  { type: 'actions', actions: [] },
  { type: 'command-received', id },
  { type: 'command-started', id, atMs: 1 },
  { type: 'command-progress', id, percent: 1, text: 'x' },
  { type: 'command-output', id, text: 'x' },
  { type: 'command-result', id, result: result() },
  { type: 'audit', entries: [{ seq: 1, atMs: 1, event: 'started' }] },
  { type: 'ping', id: '1' },
]

const deep = fc.integer({ min: 1, max: 20_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`)
const broken = fc
  .tuple(fc.constantFrom(...genuine), fc.anything({ withBigInt: false }))
  .chain(([message, part]) =>
    fc.constantFrom(...Object.keys(message)).map((key) => JSON.stringify({ ...message, [key]: part })),
  )
const truncated = fc
  .tuple(fc.constantFrom(...genuine), fc.nat(300))
  .map(([message, length]) => JSON.stringify(message).slice(0, length))
const repeatedKeys = fc
  .constantFrom(...genuine)
  .map((message) => `${JSON.stringify(message).slice(0, -1)},"type":"ping","type":"pong"}`)
const unheardOf = fc.string({ minLength: 1, maxLength: 40 }).map((type) => JSON.stringify({ type }))
const frames = fc.oneof(fc.string(), fc.json(), deep, broken, truncated, repeatedKeys, unheardOf)

async function stillWorks({ control, connect }: TestControl): Promise<void> {
  const agent = connect('pg-main-2')
  const { id: asked, ...wanted } = command({ node: 'pg-main-2' })
  await control.relay.queue.send({ commands: [wanted], signaturesNeeded: 1, requestedBy: 'ops' })
  agent.say({ type: 'command-result', id: asked, result: result() })
  await agent.until('result-stored')
}

test('nothing that an agent sends stops the collector, and each frame that is none is counted', async () => {
  const lab = await startControl()
  let before = 0
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 9 }), (texts) => {
      const agent = lab.connect('pg-main-1')
      for (const text of texts) agent.say(text)
      agent.say('{"type":')
      const { badFrames } = lab.control.hub.stats()
      expect(badFrames).toBeGreaterThan(before)
      before = badFrames
    }),
    { numRuns: 500 },
  )
  await stillWorks(lab)
})

test('a type that is not known is answered as unsupported', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  agent.say({ type: 'self-destruct', now: true })
  expect(agent.all('unsupported')).toEqual([{ type: 'unsupported', received: 'self-destruct' }])
  expect(control.hub.stats()).toMatchObject({ unknownMessages: 1, badFrames: 0 })
})

test('an agent that floods with large frames is cut off before they are read', async () => {
  const lab = await startControl()
  const agent = lab.connect('pg-main-1')
  const large = JSON.stringify({ type: 'command-output', id, text: 'x'.repeat(channelMaxBytes - 100) })
  for (let i = 0; i < 40; i++) agent.say(large)
  expect(agent.closes).toEqual([[1008, expect.stringMatching(/too many bad frames|messages per second/)]])
  await stillWorks(lab)
})

test('an agent that invents entries of its audit without end is cut off', async () => {
  // What comes at once is too much, however long this machine takes to say it.
  const clock = { ...systemClock, monotonic: () => 0 }
  const lab = await startControl(temporaryDirectory(), { clock })
  const agent = lab.connect('pg-main-1')
  const hash = 'f'.repeat(64)
  const entry = { seq: 9, atMs: 1, event: 'started', who: '', what: '', where: '', why: '', command: null }
  const entries = Array.from({ length: 100 }, () => ({
    ...entry,
    outcome: null,
    digest: null,
    prev: hash,
    hash,
  }))
  for (let i = 0; i < 400 && agent.closes.length === 0; i++) agent.say({ type: 'audit', entries })
  expect(agent.closes).toHaveLength(1)
  expect(lab.control.mirror.position('pg-main-1')).toBeUndefined()
  await vi.waitFor(() => expect(lab.control.mirror.stats().breaks.altered).toBeGreaterThan(0))
  await stillWorks(lab)
})
