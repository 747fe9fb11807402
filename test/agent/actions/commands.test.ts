import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hasTrueDigest } from '../../../common/command/digest.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'
import { signCommand } from '../../../common/command/sign.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { findingsOf } from '../../common/audit/findings-of.ts'
import { payloadAt, startHost } from './host.ts'
import { anna, ben, all, held, start, submit, told, events } from './command-host.ts'

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

  test('not a cancel that names itself, which is told so at once', async () => {
    await using host = await start(held().action)
    const id = randomUUID()
    const node = { server: null, system_identifier: null }
    submit(host, { id, kind: 'cancel', args: { command: id }, ...node })
    expect(await host.result(id)).toMatchObject({
      outcome: 'failed',
      message: 'a command cannot end itself: it would wait for its own end',
    })
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
    await waitFor('the first runs', () => begun.length === 1)
    const second = submit(host, { kind: 'work' })
    await waitFor('one waits', () => host.commands.waiting === 1)
    await host.operators(ben)
    release()
    expect((await host.result(second)).outcome).toBe('refused')
    expect(begun).toHaveLength(1)
  })
})
