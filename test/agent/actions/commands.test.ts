import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Action, ActionContext } from '../../../agent/actions/action.ts'
import { hasTrueDigest } from '../../../common/command/digest.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'
import { generateSigningKey } from '../../../common/command/private-key.ts'
import { maxResultBytes } from '../../../common/command/result.ts'
import { signCommand } from '../../../common/command/sign.ts'
import type { SignedCommand } from '../../../common/command/signed-command.ts'
import { systemFiles } from '../../../common/spool/file-operations.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { findingsOf, payloadAt, startHost } from './host.ts'
import type { Host } from './host.ts'

const anna = generateSigningKey('anna')
const ben = generateSigningKey('ben')
const all = 'rules: [{ kinds: [read, change, destructive] }]'

/** An action that ends when the test says so. */
function held(kind = 'work', risk: Action['risk'] = 'change') {
  const begun: ActionContext[] = []
  const releases: (() => void)[] = []
  let stubborn = false
  const action: Action = {
    kind,
    what: kind,
    risk,
    target: 'server',
    args: z.strictObject({}),
    deadlineMs: 1_000,
    examples: [],
    plan: () => Promise.resolve(['it would work']),
    async run(context) {
      begun.push(context)
      await new Promise<void>((resolve) => {
        releases.push(resolve)
        if (!stubborn) context.signal.addEventListener('abort', () => resolve())
      })
      context.signal.throwIfAborted()
      return { message: 'It is done.', output: [] }
    },
    verify: () => Promise.resolve(['it was looked at']),
  }
  return {
    action,
    begun,
    release: () => releases.shift()?.(),
    ignoreSignals: () => (stubborn = true),
  }
}

async function start(...actions: readonly Action[]): Promise<Host> {
  const host = await startHost(actions.length === 0 ? {} : { actions })
  await host.operators(anna, ben)
  await host.policy(all)
  return host
}
const submit = (host: Host, of: Partial<CommandPayload>): string => {
  const payload = payloadAt(host.clock.now(), { args: {}, ...of })
  host.commands.submit(signCommand(payload, anna))
  return payload.id
}
const told = (host: Host, id: string) =>
  host.sent.filter((message) => 'id' in message && message.id === id).map(({ type }) => type)
const events = async (host: Host) => (await host.audit()).map(({ event }) => event)

describe('a command', () => {
  test('is received, started and finished, to the collector and in the audit, with the same digest', async () => {
    await using host = await start()
    const id = submit(host, { kind: 'reload' })
    const result = await host.result(id)
    expect(result).toMatchObject({ outcome: 'done', message: 'reload on pg-main-1 is done.' })
    expect(hasTrueDigest(result)).toBe(true)
    expect(told(host, id)).toEqual(['command-received', 'command-started', 'command-result'])
    const audit = await host.audit()
    expect(audit.map(({ event, who, where, why, command }) => [event, who, where, why, command])).toEqual(
      ['delivered', 'started', 'finished'].map((event) => [
        event,
        'anna',
        'pg-main-1',
        'it blocks others',
        id,
      ]),
    )
    expect(audit[2]).toMatchObject({ outcome: `done: ${result.message}`, digest: result.digest })
    expect(audit[0]?.what).toBe('{"args":{},"kind":"reload","mode":"run"}')
  })

  test('that comes again, even after a restart, is answered from the journal and runs no second time', async () => {
    await using host = await start()
    const command = signCommand(payloadAt(host.clock.now()), anna)
    const { id } = JSON.parse(command.payload) as CommandPayload
    for (const restart of [false, false, true]) {
      if (restart) await host.restart()
      host.commands.submit(command)
      host.commands.submit(command)
      await host.result(id)
    }
    await waitFor('both repeats are counted', () => host.commands.counters.repeats === 1)
    expect(host.ran).toHaveLength(1)
  })

  test('that expired since is still answered from the journal', async () => {
    await using host = await start()
    const command = signCommand(payloadAt(host.clock.now()), anna)
    host.commands.submit(command)
    const { id } = JSON.parse(command.payload) as CommandPayload
    const first = await host.result(id)
    await host.clock.advance(3_600_000)
    host.sent.length = 0
    host.commands.submit(command)
    expect(await host.result(id)).toEqual(first)
  })

  test('that was refused stays refused, also when the policy would allow it later', async () => {
    await using host = await start()
    await host.policy('rules: []')
    const command = signCommand(payloadAt(host.clock.now()), anna)
    const { id } = JSON.parse(command.payload) as CommandPayload
    host.commands.submit(command)
    const first = await host.result(id)
    expect(first.outcome).toBe('refused')
    await host.policy(all)
    await host.restart()
    host.sent.length = 0
    host.commands.submit(command)
    expect(await host.result(id)).toEqual(first)
    expect(host.ran).toEqual([])
  })

  test('of two operators is run when two are needed', async () => {
    await using host = await start()
    await host.policy(`${all}\nrequire_two_operators: [terminate]`)
    const payload = payloadAt(host.clock.now())
    host.commands.submit(signCommand(payload, anna, ben))
    expect((await host.result(payload.id)).outcome).toBe('done')
    expect((await host.audit()).map(({ who }) => who)).toEqual(['anna and ben', 'anna and ben', 'anna'])
  })

  test('in mode plan tells what would be done and whether it would be refused, and does nothing', async () => {
    await using host = await start()
    await host.policy(`${all}\nrequire_two_operators: [terminate]`)
    const id = submit(host, { mode: 'plan' })
    expect((await host.result(id)).steps).toEqual([
      'terminate would be done',
      'It would be refused now: terminate needs the signatures of two operators, and anna alone has signed.',
    ])
    expect(host.ran).toEqual([])
  })
})

describe('what ends a command before its time', () => {
  test('its deadline', async () => {
    const { action, begun } = held()
    await using host = await start(action)
    const id = submit(host, { kind: 'work', deadline_ms: 500 })
    await waitFor('it runs', () => begun.length === 1)
    await host.clock.advance(500)
    expect(await host.result(id)).toMatchObject({
      outcome: 'timed_out',
      message: 'it was not done within 500 ms',
    })
  })

  test('a signed cancel', async () => {
    const { action, begun } = held()
    await using host = await start(action)
    const id = submit(host, { kind: 'work' })
    await waitFor('it runs', () => begun.length === 1)
    const node = { server: null, system_identifier: null }
    const cancel = submit(host, { kind: 'cancel', args: { command: id }, ...node })
    expect((await host.result(id)).outcome).toBe('cancelled')
    expect(await host.result(cancel)).toMatchObject({ outcome: 'done' })
    const late = submit(host, { kind: 'cancel', args: { command: id }, ...node })
    expect(await host.result(late)).toMatchObject({ outcome: 'failed' })
  })

  test('the end of the agent', async () => {
    const { action, begun } = held()
    await using host = await start(action)
    const runs = submit(host, { kind: 'work' })
    await waitFor('it runs', () => begun.length === 1)
    const waits = submit(host, { kind: 'work' })
    await waitFor('the other waits', () => host.commands.waiting === 1)
    await host.commands.stop()
    expect(await host.result(runs)).toMatchObject({ outcome: 'cancelled', message: 'the agent was stopped' })
    expect((await host.result(waits)).message).toContain('nothing was done')
    expect((await events(host)).filter((event) => event === 'finished')).toHaveLength(2)
  })

  test('nothing, for an action that does not listen: its end is told, and its lock is kept', async () => {
    const { action, begun, release, ignoreSignals } = held()
    ignoreSignals()
    await using host = await start(action)
    const id = submit(host, { kind: 'work', deadline_ms: 500 })
    await waitFor('it runs', () => begun.length === 1)
    await host.clock.advance(500)
    await host.clock.advance(5_000)
    expect((await host.result(id)).message).toContain('may still be at work')
    const next = submit(host, { kind: 'work' })
    await waitFor('the next one waits', () => host.commands.waiting === 1)
    release()
    await waitFor('the next one runs', () => begun.length === 2)
    release()
    expect((await host.result(next)).outcome).toBe('done')
  })

  test('kill -9: the result says what an action may have left behind', async () => {
    const { action, begun, release } = held()
    await using host = await start({ ...action, mayBeLeft: 'the door may still be open' })
    const id = submit(host, { kind: 'work' })
    await waitFor('it runs', () => begun.length === 1)
    await host.restart()
    expect(await host.result(id)).toMatchObject({
      outcome: 'unknown',
      message: 'The agent ended while it ran: the door may still be open.',
    })
    release()
  })

  test('kill -9: what ran is unknown, what waited was not done, and neither is tried again', async () => {
    const { action, begun, release } = held()
    await using host = await start(action)
    const command = signCommand(payloadAt(host.clock.now(), { kind: 'work', args: {} }), anna)
    host.commands.submit(command)
    await waitFor('it runs', () => begun.length === 1)
    const waits = submit(host, { kind: 'work' })
    await waitFor('the other waits', () => host.commands.waiting === 1)
    await host.restart()
    const { id } = JSON.parse(command.payload) as CommandPayload
    expect((await host.result(id)).outcome).toBe('unknown')
    expect((await host.result(waits)).outcome).toBe('cancelled')
    host.commands.submit(command)
    await waitFor('it is answered', () => host.commands.counters.repeats === 1)
    expect(begun).toHaveLength(1)
    expect(findingsOf(await host.audit())).toEqual([])
    release()
  })
})

describe('commands beside each other', () => {
  test('that change a server run one after the other, those that read and plans beside them', async () => {
    const work = held()
    const look = held('look', 'read')
    await using host = await start(work.action, look.action)
    const [first, second] = [submit(host, { kind: 'work' }), submit(host, { kind: 'work' })]
    await waitFor('one waits', () => host.commands.waiting === 1)
    submit(host, { kind: 'look' })
    const plan = submit(host, { kind: 'work', mode: 'plan' })
    expect((await host.result(plan)).steps).toEqual(['it would work'])
    await waitFor('the reading one runs', () => look.begun.length === 1)
    expect(work.begun).toHaveLength(1)
    const waiting = told(host, second).concat(told(host, first))
    expect(waiting).toContain('command-progress')
    work.release()
    await waitFor('the second one runs', () => work.begun.length === 2)
    work.release()
    look.release()
    const results = await Promise.all([host.result(first), host.result(second)])
    expect(results.map(({ outcome, steps }) => [outcome, steps])).toEqual([
      ['done', ['it was looked at']],
      ['done', ['it was looked at']],
    ])
  })

  test('are not taken when too many wait, and are when they come again', async () => {
    const { action, release, begun } = held()
    await using host = await startHost({ actions: [action], maxWaiting: 2 })
    await host.operators(anna)
    await host.policy(all)
    for (let i = 0; i < 3; i++) submit(host, { kind: 'work' })
    await waitFor('two wait', () => host.commands.waiting === 2)
    const command = signCommand(payloadAt(host.clock.now(), { kind: 'work', args: {} }), anna)
    const { id } = JSON.parse(command.payload) as CommandPayload
    host.commands.submit(command)
    await waitFor('it is dropped', () => host.commands.counters.drops === 1)
    expect(told(host, id)).toEqual([])
    for (let i = 1; i <= 3; i++) {
      await waitFor('it runs', () => begun.length === i)
      release()
    }
    host.commands.submit(command)
    await waitFor('it runs', () => begun.length === 4)
    release()
    expect((await host.result(id)).outcome).toBe('done')
  })

  test('tell their progress at most twice a second, the newest of it', async () => {
    const { action, begun, release } = held()
    await using host = await start(action)
    const id = submit(host, { kind: 'work', deadline_ms: 60_000 })
    await waitFor('it runs', () => begun.length === 1)
    for (let i = 0; i < 100; i++) {
      begun[0]?.progress(i, `step ${i} with password=s3cret`)
      await host.clock.advance(10)
    }
    const texts = host.sent.flatMap((one) =>
      one.type === 'command-progress' && one.id === id ? [one.text] : [],
    )
    expect(texts).toEqual(['step 0', 'step 49', 'step 99'].map((text) => `${text} with password=***`))
    release()
    await host.result(id)
  })

  test('whose key is removed while they wait are refused when their turn has come', async () => {
    const { action, begun, release } = held()
    await using host = await start(action)
    submit(host, { kind: 'work' })
    const second = submit(host, { kind: 'work' })
    await waitFor('one waits', () => host.commands.waiting === 1)
    await host.operators(ben)
    release()
    expect((await host.result(second)).outcome).toBe('refused')
    expect(begun).toHaveLength(1)
  })
})

describe('without a connection', () => {
  test('results wait, and are sent until the collector has them', async () => {
    await using host = await start()
    host.commands.disconnected()
    const id = submit(host, { kind: 'reload' })
    await waitFor('it ended', () => host.commands.counters.outcomes.done === 1)
    expect(told(host, id)).toEqual([])
    const results: string[] = []
    const connect = () =>
      host.commands.connected((message) => {
        if (message.type === 'command-result') results.push(message.id)
      })
    connect()
    await waitFor('it is sent', () => results.length >= 1)
    await waitFor('it is written down', async () => (await events(host)).includes('finished'))
    const before = results.length
    connect()
    await waitFor('it is sent again', () => results.length > before)
    host.commands.resultStored(id)
    await host.restart()
    results.length = 0
    connect()
    host.connect()
    const ping = submit(host, { kind: 'ping', server: null, system_identifier: null })
    await host.result(ping)
    expect(results).toEqual([])
  })

  test('the audit waits, and goes to the collector in order from where its copy ends', async () => {
    await using host = await start()
    await host.result(submit(host, { kind: 'reload' }))
    await host.result(submit(host, { kind: 'reload' }))
    const entries = () => host.sent.flatMap((one) => (one.type === 'audit' ? one.entries : []))
    const audit = await host.audit()
    host.commands.auditStored(2, audit[1]!.hash)
    await waitFor('the rest is sent', () => entries().length === 4)
    expect(entries()).toEqual(audit.slice(2))
    // A collector that has another chain under this name gets this one from its beginning.
    host.sent.length = 0
    host.commands.auditStored(2, 'f'.repeat(64))
    await waitFor('all of it is sent', () => entries().length === 6)
    host.sent.length = 0
    host.commands.auditStored(6, audit[5]!.hash)
    await host.result(submit(host, { kind: 'reload' }))
    await waitFor('what is new is sent', () => entries().length >= 1)
    expect(entries()[0]?.seq).toBe(7)
  })

  test("the collector's audit is anchored in the agent's, but not for each of its entries", async () => {
    await using host = await start()
    for (let seq = 1; seq < 20; seq++) host.commands.collectorHead?.(seq, 'a'.repeat(64))
    await waitFor('it is anchored', async () => (await events(host)).includes('anchored'))
    await host.result(submit(host, { kind: 'reload' }))
    expect((await events(host)).filter((event) => event === 'anchored')).toHaveLength(1)
  })
})

describe('what a host cannot write down is not done', () => {
  test('because the disk is full', async () => {
    let full = false
    await using host = await startHost({
      files: {
        ...systemFiles,
        write(file, bytes, position) {
          if (full) return Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
          return systemFiles.write(file, bytes, position)
        },
      },
    })
    await host.operators(anna)
    await host.policy(all)
    full = true
    const id = submit(host, { kind: 'reload' })
    expect(await host.result(id)).toMatchObject({ outcome: 'refused' })
    expect(host.commands.counters.refusals).toEqual({ 'not-written': 1 })
    full = false
    expect((await host.result(submit(host, { kind: 'reload' }))).outcome).toBe('done')
    expect(host.ran).toHaveLength(1)
  })

  test('a journal that was removed lets no older command through', async () => {
    await using host = await start()
    const command = signCommand(payloadAt(host.clock.now()), anna)
    host.commands.submit(command)
    const { id } = JSON.parse(command.payload) as CommandPayload
    await host.result(id)
    await host.clock.advance(1_000)
    await rm(join(host.directory, 'journal'))
    await host.restart()
    host.commands.submit(command)
    await waitFor('it is refused', () => host.commands.counters.refusals.replayed === 1)
    expect(host.ran).toHaveLength(1)
  })

  test('a journal that was damaged lets no older command through', async () => {
    await using host = await start()
    const command = signCommand(payloadAt(host.clock.now()), anna)
    host.commands.submit(command)
    await host.result((JSON.parse(command.payload) as CommandPayload).id)
    await host.result(submit(host, { kind: 'reload' }))
    const path = join(host.directory, 'journal')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"kind":"terminate"', '"kind":"terminatx"'))
    await host.clock.advance(1_000)
    await host.restart()
    host.commands.submit(command)
    await waitFor('it is refused', () => host.commands.counters.refusals.replayed === 1)
    expect(host.ran).toHaveLength(2)
  })

  test('a torn end of the journal is set aside', async () => {
    await using host = await start()
    const id = submit(host, { kind: 'reload' })
    const first = await host.result(id)
    await appendFile(join(host.directory, 'journal'), 'deadbeef {"t":"comm')
    await host.restart()
    expect(host.commands.counters.refusals).toEqual({})
    expect(first.outcome).toBe('done')
    expect((await host.result(submit(host, { kind: 'reload' }))).outcome).toBe('done')
  })
})

describe('results', () => {
  test('are bounded, say so, and show no password', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [`${i}`, 'x'.repeat(100)])
    const action: Action = {
      ...held().action,
      run: () =>
        Promise.resolve({
          message: 'cannot reach postgres://a:s3cret@h/',
          output: [
            {
              type: 'facts',
              title: 'f',
              facts: { password: 's3cret', big: 10n, at: new Date(0), none: undefined },
            },
            { type: 'table', title: 't', columns: [], rows, truncated: false },
            { type: 'text', title: 'l', lines: rows.map(([, text]) => text!) },
          ],
        }),
    }
    await using host = await start(action)
    const result = await host.result(submit(host, { kind: 'work' }))
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(maxResultBytes)
    expect(hasTrueDigest(result)).toBe(true)
    expect(result.output[1]).toMatchObject({ type: 'table', truncated: true })
    expect(JSON.stringify(result).includes('s3cret')).toBe(false)
    expect(result.message).toBe('cannot reach postgres://a:***@h/')
  })
})

test('whatever a collector sends as a command, the agent goes on, and runs nothing', async () => {
  await using host = await start()
  const { payload, signatures } = signCommand(payloadAt(host.clock.now()), anna)
  const anything: fc.Arbitrary<SignedCommand> = fc.record({
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
      fc.nat(payload.length).map((at) => payload.slice(0, at)),
      fc
        .tuple(fc.nat(payload.length), fc.string())
        .map(([at, text]) => payload.slice(0, at) + text + payload.slice(at)),
    ),
    signatures: fc.constantFrom(signatures, [], [...signatures, ...signatures]),
  })
  const refused = () => Object.values(host.commands.counters.refusals).reduce((sum, count) => sum + count, 0)
  const forged = fc.sample(
    anything.filter((one) => one.payload !== payload || one.signatures.length !== 1),
    { numRuns: 150, seed: 7 },
  )
  const distinct = new Map(forged.map((command) => [command.payload, command]))
  for (const command of distinct.values()) host.commands.submit(command)
  await waitFor('all of them are refused', () => refused() === distinct.size, {
    timeoutMs: 3_000,
    explain: () => JSON.stringify([distinct.size, host.commands.counters.refusals]),
  })
  expect(host.ran).toEqual([])
  // A mad collector does not fill the disk.
  expect((await host.audit()).length).toBeLessThanOrEqual(101)
})
