import { expect, test, vi } from 'vitest'
import type { CommandResult } from '../../../common/command/result.ts'
import { signPayload } from '../../../common/command/sign.ts'
import { alice, bob, command, result } from './commands.ts'
import { handClock } from './hand-clock.ts'
import { startControl, temporaryDirectory } from './start-control.ts'

const by = { signaturesNeeded: 1, requestedBy: 'ops-token' }

test('a command goes to a connected agent at once, as the very text that was signed', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  const wanted = command()
  expect(await control.relay.queue.send({ commands: [wanted], ...by })).toEqual([
    { id: wanted.id, state: 'queued', error: null },
  ])
  expect(agent.all('command')).toEqual([{ type: 'command', command: wanted }])
})

test('a command for an agent that is away is delivered when it connects', async () => {
  const { control, connect } = await startControl()
  connect('pg-main-1').hangUp()
  const wanted = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  expect(connect('pg-main-1').all('command')).toEqual([{ type: 'command', command: wanted }])
})

test('what an agent reports is seen: delivered, running with progress and output, done with its result', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  const { id, ...wanted } = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  agent.say({ type: 'command-received', id })
  expect(control.relay.views.one(id)).toMatchObject({ state: 'delivered', requestedBy: 'ops-token' })
  agent.say({ type: 'command-started', id, atMs: 1 })
  agent.say({ type: 'command-progress', id, percent: 40, text: 'vacuuming' })
  agent.say({ type: 'command-output', id, text: 'one ' })
  agent.say({ type: 'command-output', id, text: 'two' })
  expect(control.relay.views.one(id)).toMatchObject({
    state: 'running',
    progress: { percent: 40, text: 'vacuuming' },
    written: 'one two',
  })
  agent.say({ type: 'command-result', id, result: result() })
  expect(await agent.until('result-stored')).toEqual([{ type: 'result-stored', id }])
  expect(control.relay.views.one(id)).toMatchObject({ state: 'done', result: result() })
  expect(control.relay.underWay()).toEqual({ held: 0, queued: 0, delivered: 0, running: 0 })
})

test('the audit tells who brought a command and what came of it', async () => {
  const { control, connect, audit } = await startControl()
  const agent = connect('pg-main-1')
  const { id, ...wanted } = command({ kind: 'reload', args: { wait: true } })
  await control.relay.queue.send({ commands: [wanted], ...by })
  agent.say({ type: 'command-received', id })
  agent.say({ type: 'command-started', id, atMs: 1 })
  agent.say({ type: 'command-result', id, result: result() })
  await agent.until('result-stored')
  const entries = await audit()
  expect(entries.map(({ event, who, command }) => [event, who, command])).toEqual([
    ['requested', 'ops-token', id],
    ['delivered', 'agent pg-main-1', id],
    ['started', 'agent pg-main-1', id],
    ['finished', 'agent pg-main-1', id],
  ])
  expect(entries[0]).toMatchObject({ where: 'pg-main-1', why: 'a test' })
  expect(JSON.parse(entries[0]!.what)).toMatchObject({ kind: 'reload', operator: 'alice', keys: [alice.id] })
  expect(entries[3]).toMatchObject({ outcome: 'done: pong', digest: result().digest })
})

test('a refusal by the agent is audited as one', async () => {
  const { control, connect, audit } = await startControl()
  const agent = connect('pg-main-1')
  const { id, ...wanted } = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  agent.say({
    type: 'command-result',
    id,
    result: result({ outcome: 'refused', message: 'not allowed here' }),
  })
  await agent.until('result-stored')
  expect((await audit()).at(-1)).toMatchObject({ event: 'refused', outcome: 'refused: not allowed here' })
})

test('a result that comes again is confirmed again, and a different one does not replace it', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  const { id, ...wanted } = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  agent.say({ type: 'command-result', id, result: result() })
  agent.say({ type: 'command-result', id, result: result() })
  await agent.until('result-stored')
  agent.say({ type: 'command-result', id, result: result({ message: 'something else' }) })
  await agent.until('result-stored', 2)
  expect(control.relay.views.one(id)).toMatchObject({ result: result() })
  expect(control.relay.reports.stats()).toMatchObject({ conflictingResults: 1, finished: { done: 1 } })
})

test('what an agent says of a command whose result is being stored does not undo its end', async () => {
  const { control, connect, audit } = await startControl()
  const agent = connect('pg-main-1')
  const { id, ...wanted } = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  // After a reconnect: results that were not confirmed, then answers to what the collector sent again.
  agent.say({ type: 'command-result', id, result: result() })
  agent.say({ type: 'command-received', id })
  agent.say({ type: 'command-started', id, atMs: 1 })
  await agent.until('result-stored')
  await control.relay.journal.settled()
  expect(control.relay.views.one(id)).toMatchObject({ state: 'done', result: result() })
  expect(control.relay.views.one(id)?.finishedMs).not.toBeNull()
  expect((await audit()).map(({ event }) => event)).toEqual(['requested', 'finished'])
})

test('an agent cannot answer for another node', async () => {
  const { control, connect } = await startControl()
  connect('pg-main-1')
  const intruder = connect('pg-main-2')
  const { id, ...wanted } = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  intruder.say({ type: 'command-result', id, result: result() })
  expect(intruder.closes).toEqual([[1001, 'a report on the command of another node']])
  expect(control.relay.views.one(id)).toMatchObject({ state: 'queued', result: null })
  expect(control.relay.reports.stats()).toMatchObject({ foreignReports: 1 })
})

test('the same command again is the same command, another with its id is refused', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  const wanted = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  const again = await control.relay.queue.send({
    commands: [wanted, command({ id: wanted.id, kind: 'reload' })],
    ...by,
  })
  expect(again).toEqual([
    { id: wanted.id, state: 'queued', error: null },
    { id: wanted.id, state: null, error: 'another command has this id' },
  ])
  expect(agent.all('command')).toHaveLength(1)
})

test.each([
  ['no JSON', 'nonsense', 'the payload cannot be taken: it is not JSON'],
  ['another form of JSON', ' {}', 'the payload cannot be taken: it is JSON, but not in its canonical form'],
  [
    'duplicate keys',
    '{"a":1,"a":2}',
    'the payload cannot be taken: it is JSON, but not in its canonical form',
  ],
  ['other members', '{"a":1}', 'the payload is malformed'],
  [
    'deep nesting',
    `${'['.repeat(100)}${']'.repeat(100)}`,
    'the payload cannot be taken: it is nested deeper',
  ],
])('a payload that is %s is refused', async (_what, payload, problem) => {
  const { control } = await startControl()
  const [answer] = await control.relay.queue.send({ commands: [{ ...command(), payload }], ...by })
  expect(answer?.error).toContain(problem)
  expect(answer).toMatchObject({ id: null, state: null })
})

test.each([
  ['for a node that nobody knows', { node: 'pg-other-1' }, 'no node is called "pg-other-1"'],
  ['that has expired', { issued_ms: 1, expires_ms: 2 }, 'the command has expired'],
  ['that lasts too long', { expires_ms: Date.now() + 8 * 86_400_000 }, 'more than seven days'],
])('a command %s is refused', async (_what, changes, problem) => {
  const { control, connect } = await startControl()
  connect('pg-main-1')
  const [answer] = await control.relay.queue.send({ commands: [command(changes)], ...by })
  expect(answer?.error).toContain(problem)
})

test('a command that needs two operators is held until the second has signed', async () => {
  const { control, connect, audit } = await startControl()
  const agent = connect('pg-main-1')
  const { id, ...wanted } = command()
  const twice = { ...wanted, signatures: [...wanted.signatures, ...wanted.signatures] }
  const answers = await control.relay.queue.send({
    commands: [twice],
    signaturesNeeded: 2,
    requestedBy: 'ops',
  })
  expect(answers).toMatchObject([{ state: 'held' }])
  expect(agent.all('command')).toEqual([])
  const own = signPayload(wanted.payload, alice)
  await expect(control.relay.queue.approve(id, own, 'ops')).rejects.toMatchObject({ code: 'REFUSED' })
  const second = signPayload(wanted.payload, bob)
  await control.relay.queue.approve(id, second, 'second-token')
  expect(agent.all('command')).toMatchObject([{ command: { signatures: [{}, {}, second] } }])
  await expect(control.relay.queue.approve(id, second, 'ops')).rejects.toMatchObject({ code: 'REFUSED' })
  expect((await audit()).map(({ event, who }) => [event, who])).toEqual([
    ['requested', 'ops'],
    ['approved', 'second-token'],
  ])
})

test('what a second connection of the node finds undelivered is sent to it', async () => {
  const { control, connect } = await startControl()
  const first = connect('pg-main-1')
  const [delivered, pending] = [command(), command()]
  await control.relay.queue.send({ commands: [delivered, pending], ...by })
  first.say({ type: 'command-received', id: delivered.id })
  const second = connect('pg-main-1')
  expect(second.all('command')).toEqual([{ type: 'command', command: pending }])
  first.say({ type: 'command-received', id: pending.id })
  expect(control.relay.views.one(pending.id)).toMatchObject({ state: 'queued' })
})

test('a command that is not confirmed is sent again, and no longer once it has expired', async () => {
  const clock = handClock()
  const { control, connect, audit } = await startControl(undefined, { clock })
  const agent = connect('pg-main-1')
  const wanted = command({ expires_ms: clock.now() + 100_000 }, clock.now())
  await control.relay.queue.send({ commands: [wanted], ...by })
  await clock.advance(15_000)
  expect(agent.all('command')).toHaveLength(2)
  agent.hangUp()
  await clock.advance(90_000)
  await vi.waitFor(() => expect(control.relay.views.one(wanted.id)).toMatchObject({ state: 'expired' }))
  expect(connect('pg-main-1').all('command')).toEqual([])
  expect((await audit()).at(-1)).toMatchObject({ event: 'expired', command: wanted.id })
})

test('an agent gets no more commands at a time than it can answer', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  const commands = Array.from({ length: 100 }, () => command())
  await control.relay.queue.send({ commands, ...by })
  expect(agent.all('command')).toHaveLength(64)
  for (const { id } of commands.slice(0, 10)) agent.say({ type: 'command-received', id })
  expect(agent.all('command')).toHaveLength(74)
})

test('a collector that starts again has every command, and sends what was not delivered', async () => {
  const directory = temporaryDirectory()
  const first = await startControl(directory)
  const agent = first.connect('pg-main-1')
  const [done, running, waiting] = [command(), command(), command()]
  await first.control.relay.queue.send({ commands: [done, running, waiting], ...by })
  for (const { id } of [done, running]) agent.say({ type: 'command-received', id })
  agent.say({ type: 'command-result', id: done.id, result: result() })
  await agent.until('result-stored')
  await first[Symbol.asyncDispose]()

  const { control, connect } = await startControl(directory)
  expect(control.relay.views.list({ limit: 10 }).map(({ id, state }) => [id, state])).toEqual([
    [waiting.id, 'queued'],
    [running.id, 'delivered'],
    [done.id, 'done'],
  ])
  const again = connect('pg-main-1')
  expect(again.all('command')).toEqual([{ type: 'command', command: waiting }])
  again.say({ type: 'command-result', id: running.id, result: result() })
  await again.until('result-stored')
  expect(control.relay.views.one(running.id)).toMatchObject({ state: 'done' })
})

test('a result that cannot be stored is not confirmed, and the agent is made to send it again', async () => {
  const { control, connect, append } = await startControl(undefined, {
    audit: { append: (fact) => (failing ? Promise.reject(new Error('no space')) : append(fact)) },
  })
  let failing = false
  const agent = connect('pg-main-1')
  const { id, ...wanted } = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  failing = true
  agent.say({ type: 'command-result', id, result: result() })
  await vi.waitFor(() => expect(agent.closes).toHaveLength(1))
  expect(agent.all('result-stored')).toEqual([])
  failing = false
  const again = connect('pg-main-1')
  again.say({ type: 'command-result', id, result: result() })
  await again.until('result-stored')
  expect(control.relay.views.one(id)).toMatchObject({ state: 'done' })
})

test('who waits for commands learns of what has changed, in the order of the changes', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  const [one, two] = [command(), command()]
  const ids = [one.id, two.id]
  await control.relay.queue.send({ commands: [one, two], ...by })
  const never = new AbortController().signal
  const queued = await control.relay.wait({ ids, after: 0, timeoutMs: 10_000 }, never)
  expect(queued.map(({ id }) => id)).toEqual(ids)
  const next = control.relay.wait({ ids, after: queued.at(-1)!.version, timeoutMs: 10_000 }, never)
  agent.say({ type: 'command-result', id: two.id, result: result() })
  expect(await next).toMatchObject([{ id: two.id, state: 'done' }])
  const { version } = (await next)[0]!
  expect(await control.relay.wait({ ids, after: version, timeoutMs: 1 }, never)).toEqual([])
  await expect(control.relay.wait({ ids: ['missing'], after: 0, timeoutMs: 1 }, never)).rejects.toMatchObject(
    { code: 'NOT_FOUND' },
  )
})

test('lists are filtered, and hold no more than asked for and nothing of what results show', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  connect('pg-main-2')
  const [one, two, three] = [command(), command({ kind: 'reload' }), command({ node: 'pg-main-2' })]
  await control.relay.queue.send({ commands: [one, two, three], ...by })
  const output: CommandResult['output'] = [{ type: 'text', title: 'log', lines: ['a line'] }]
  agent.say({ type: 'command-result', id: one.id, result: result({ output }) })
  await agent.until('result-stored')
  const list = (query: Parameters<typeof control.relay.views.list>[0]) =>
    control.relay.views.list(query).map(({ id }) => id)
  expect(list({ limit: 2 })).toEqual([three.id, two.id])
  expect(list({ limit: 9, node: 'pg-main-1' })).toEqual([two.id, one.id])
  expect(list({ limit: 9, kind: 'reload' })).toEqual([two.id])
  expect(list({ limit: 9, state: 'done' })).toEqual([one.id])
  expect(control.relay.views.list({ limit: 9, state: 'done' })[0]?.result?.output).toEqual([])
  expect(control.relay.views.one(one.id)?.result?.output).toEqual(output)
})

test('output beyond what is kept loses its beginning', async () => {
  const { control, connect } = await startControl()
  const agent = connect('pg-main-1')
  const { id, ...wanted } = command()
  await control.relay.queue.send({ commands: [wanted], ...by })
  for (let i = 0; i < 10; i++) agent.say({ type: 'command-output', id, text: String(i).repeat(16_000) })
  const { written } = control.relay.views.one(id)!
  expect(written).toHaveLength(64 * 1024)
  expect(written.at(-1)).toBe('9')
})
