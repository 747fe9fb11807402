import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createAuditMirror } from '../../../collector/commands/audit-mirror.ts'
import { openMirrorStore } from '../../../collector/commands/mirror-store.ts'
import { openFleet } from '../../../collector/fleet/fleet.ts'
import type { AuditEntry } from '../../../common/audit/entry.ts'
import { anchorOf } from '../../../common/audit/anchor.ts'
import { emptyHead, nextEntry } from '../../../common/audit/hash-entry.ts'
import type { ChainHead } from '../../../common/audit/hash-entry.ts'
import { silentLog } from '../../../common/log.ts'
import type { FromCollector } from '../../../common/wire/channel.ts'
import { command } from './commands.ts'
import type { FakeAgent } from './fake-agent.ts'
import { handClock } from './hand-clock.ts'
import { startControl, temporaryDirectory } from './start-control.ts'

/** Entries that follow each other, told apart by `why`. */
function chain(count: number, why = '', head: ChainHead = emptyHead): AuditEntry[] {
  const entries: AuditEntry[] = []
  for (let i = 0; i < count; i++) {
    const { seq, hash } = entries.at(-1) ?? head
    const fact = { event: 'started', who: 'alice', what: '{}', where: 'pg-main-1', why } as const
    entries.push(nextEntry({ seq, hash }, 1_000 + i, { ...fact, command: null, outcome: null, digest: null }))
  }
  return entries
}

/** Lets time pass for an agent that gives its signs of life. */
async function pass(ms: number, clock: ReturnType<typeof handClock>, agent: FakeAgent): Promise<void> {
  for (let done = 0; done < ms; done += 10_000) {
    agent.say({ type: 'ping', id: String(done) })
    await clock.advance(Math.min(10_000, ms - done))
  }
}

test('an agent is told how far its audit is here, and sends the rest', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  expect(agent.all('audit-stored')).toEqual([{ type: 'audit-stored', seq: 0, hash: null }])
  const entries = chain(5)
  agent.say({ type: 'audit', entries: entries.slice(0, 3) })
  agent.say({ type: 'audit', entries: entries.slice(3) })
  expect((await agent.until('audit-stored', 3)).at(-1)).toEqual({
    type: 'audit-stored',
    seq: 5,
    hash: entries[4]!.hash,
  })
  expect(await control.readAudit('pg-main-1', 1, 2)).toEqual(entries.slice(1, 3))
  expect(control.mirror.chains()).toEqual(['pg-main-1'])
  expect(control.mirror.breaks('pg-main-1')).toBe(0)
})

test('each entry is told once, however often it comes', async () => {
  const heard: string[] = []
  const { connect } = await startControl(undefined, {
    onAgentEntry: (node, { seq }) => void heard.push(`${node} ${seq}`),
  })
  const agent = connect('pg-main-1')
  const entries = chain(3)
  agent.say({ type: 'audit', entries: entries.slice(0, 2) })
  await agent.until('audit-stored', 2)
  agent.say({ type: 'audit', entries })
  await agent.until('audit-stored', 3)
  expect(heard).toEqual(['pg-main-1 1', 'pg-main-1 2', 'pg-main-1 3'])
})

test('the copy survives a restart, and what comes again is not stored twice', async () => {
  const directory = temporaryDirectory()
  const first = await startControl(directory)
  const entries = chain(4)
  const agent = first.connect('pg-main-1')
  agent.say({ type: 'audit', entries: entries.slice(0, 3) })
  await agent.until('audit-stored', 2)
  await first[Symbol.asyncDispose]()
  const { control, connect } = await startControl(directory)
  const again = connect('pg-main-1')
  expect(again.all('audit-stored')).toMatchObject([{ seq: 3, hash: entries[2]!.hash }])
  again.say({ type: 'audit', entries })
  await again.until('audit-stored', 2)
  expect(await control.readAudit('pg-main-1', 0, 10)).toEqual(entries)
  expect(control.mirror.breaks('pg-main-1')).toBe(0)
})

const original = chain(4)

test.each([
  ['a gap', 'gap', chain(6).slice(5)],
  ['a rewritten entry', 'rewritten', chain(1, 'another', { seq: 2, hash: original[1]!.hash })],
  ['a chain that starts anew', 'rewritten', chain(2, 'new')],
  ['a fork at the end', 'rewritten', chain(1, 'fork', { seq: 4, hash: 'f'.repeat(64) })],
])('%s is counted, and keeps what is here as it was', async (_what, kind, entries) => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  agent.say({ type: 'audit', entries: original })
  await agent.until('audit-stored', 2)
  agent.say({ type: 'audit', entries })
  await agent.until('audit-stored', 3)
  expect(control.mirror.stats().breaks).toMatchObject({ [kind]: 1 })
  expect(control.mirror.breaks('pg-main-1')).toBe(1)
  expect(control.mirror.chains()).toEqual(['pg-main-1', 'pg-main-1~1'])
  expect(await control.readAudit('pg-main-1~1', 0, 10)).toEqual(original)
  expect(await control.readAudit('pg-main-1', 0, 10)).toEqual(entries)
})

test('an entry whose hash is false is counted and not taken, nor what follows it', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  const [one, two, three] = chain(3)
  agent.say({ type: 'audit', entries: [one, { ...two, who: 'mallory' }, three] })
  expect((await agent.until('audit-stored', 2)).at(-1)).toMatchObject({ seq: 1 })
  expect(control.mirror.stats().breaks).toMatchObject({ altered: 1 })
  expect(await control.readAudit('pg-main-1', 0, 10)).toEqual([one])
})

test('an agent that sends more than is taken at one time keeps its channel, and is asked again later', async () => {
  const clock = handClock()
  const fleet = openFleet({ path: join(temporaryDirectory(), 'fleet.sqlite'), clock })
  onTestFinished(() => fleet[Symbol.dispose]())
  const told: FromCollector[] = []
  const disconnect = vi.fn()
  using mirror = createAuditMirror({
    clock,
    log: silentLog,
    store: openMirrorStore(fleet.database),
    journal: {
      add({ write }) {
        write()
        return Promise.resolve()
      },
      settled: () => Promise.resolve(),
    },
    send: (_node, message) => told.push(message) > 0,
    disconnect,
    onAdvanced: () => undefined,
    pace: { perSecond: 1, burst: 3 },
  })
  const entries = chain(6)
  mirror.take('pg-main-1', entries.slice(0, 3))
  mirror.take('pg-main-1', entries.slice(3))
  await vi.waitFor(() => expect(told).toMatchObject([{ seq: 3 }]))
  await clock.advance(4_000)
  await vi.waitFor(() => expect(told).toMatchObject([{ seq: 3 }, { seq: 3 }]))
  mirror.take('pg-main-1', entries.slice(3))
  await vi.waitFor(() => expect(told).toMatchObject([{ seq: 3 }, { seq: 3 }, { seq: 6 }]))
  expect(disconnect).not.toHaveBeenCalled()
})

test('each side writes down the newest entry of the other', async () => {
  const clock = handClock()
  const { control, connect, audit } = await startControl(undefined, { clock })
  const agent = connect('pg-main-1')
  const entries = chain(3)
  agent.say({ type: 'audit', entries })
  await agent.until('audit-stored', 2)
  await pass(61_000, clock, agent)
  const anchor = await vi.waitUntil(async () => (await audit()).at(-1))
  expect(anchorOf(anchor)).toMatchObject({ chain: 'pg-main-1', seq: 3, hash: entries[2]!.hash })

  await control.relay.queue.send({
    commands: [command({ expires_ms: clock.now() + 100_000 }, clock.now())],
    signaturesNeeded: 1,
    requestedBy: 'ops',
  })
  await pass(61_000, clock, agent)
  const head = (await audit()).at(-1)!
  expect(await agent.until('audit-head')).toEqual([{ type: 'audit-head', seq: head.seq, hash: head.hash }])
})

test('anchors are no reason for further anchors', async () => {
  const clock = handClock()
  const { connect, audit } = await startControl(undefined, { clock })
  const agent = connect('pg-main-1')
  agent.say({ type: 'audit', entries: chain(1) })
  await agent.until('audit-stored', 2)
  await pass(61_000, clock, agent)
  await vi.waitUntil(async () => (await audit()).length === 1)
  await pass(120_000, clock, agent)
  expect(await audit()).toHaveLength(1)
  expect(agent.all('audit-head')).toEqual([])
})

test('a chain that nobody has heard of is not there', async () => {
  const { control } = await startControl()
  expect(await control.readAudit('pg-other-1', 0, 10)).toBeUndefined()
  expect(await control.readAudit('collector', 0, 10)).toEqual([])
})
