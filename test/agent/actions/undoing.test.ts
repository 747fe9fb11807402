import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Action } from '../../../agent/actions/action.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { findingsOf } from '../../common/audit/findings-of.ts'
import { events, held, start, submit, told } from './command-host.ts'
import type { Host } from './host.ts'

/** An action that notes what it is about to change, and can be kept from changing it back. */
function changing() {
  const work = held()
  const undone: unknown[] = []
  let stuck = false
  const action: Action = {
    ...work.action,
    async run(context, args) {
      await context.mustUndo({ before: 7 })
      return work.action.run(context, args)
    },
    undo(_, __, noted) {
      if (stuck) return Promise.reject(new Error('the door is stuck'))
      undone.push(noted)
      return Promise.resolve('the door was closed')
    },
  }
  return {
    ...work,
    action,
    undone,
    stick: (now: boolean) => (stuck = now),
  }
}

async function killed(host: Host, { begun, release }: ReturnType<typeof changing>): Promise<string> {
  const id = submit(host, { kind: 'work' })
  await waitFor('it runs', () => begun.length > 0)
  await host.restart()
  release()
  return id
}
const node = { server: null, system_identifier: null }

describe('a command whose agent is killed after it has noted what it changes', () => {
  test('is undone at the start, and its result says so', async () => {
    const door = changing()
    await using host = await start(door.action)
    const id = await killed(host, door)
    expect(await host.result(id)).toMatchObject({
      outcome: 'failed',
      message: 'The agent ended while it ran; the door was closed.',
    })
    expect(door.undone).toEqual([{ before: 7 }])
  })

  test('is in the audit with who had asked for it, what and where', async () => {
    const door = changing()
    await using host = await start(door.action)
    const id = await killed(host, door)
    await host.result(id)
    const audit = (await host.audit()).slice(2)
    const about = { what: '{"args":{},"kind":"work","mode":"run"}', where: 'pg-main-1', command: id }
    expect(audit).toMatchObject([
      { ...about, event: 'undone', who: 'agent pg-main-1', outcome: 'the door was closed' },
      { ...about, event: 'finished', who: 'anna', why: 'it blocks others' },
    ])
    expect(findingsOf(audit)).not.toContainEqual(expect.objectContaining({ kind: 'altered' }))
  })

  test('is undone once, however often the agent starts', async () => {
    const door = changing()
    await using host = await start(door.action)
    await host.result(await killed(host, door))
    await host.restart()
    await host.result(submit(host, { kind: 'cancel', args: { command: crypto.randomUUID() }, ...node }))
    expect(door.undone).toHaveLength(1)
  })

  test('keeps other changes of that server waiting until it is undone', async () => {
    const door = changing()
    const other = held('other')
    await using host = await start(door.action, other.action)
    door.stick(true)
    await killed(host, door)
    const next = submit(host, { kind: 'other' })
    await waitFor('it waits', () => host.commands.waiting === 1)
    expect(host.commands.running).toBe(0)
    door.stick(false)
    await host.clock.advance(1_000)
    await waitFor('it runs', () => other.begun.length === 1)
    other.release()
    expect((await host.result(next)).outcome).toBe('done')
  })

  test('and cannot be undone for a minute is unknown, and is undone once that is possible', async () => {
    const door = changing()
    await using host = await start(door.action)
    door.stick(true)
    const id = await killed(host, door)
    await host.clock.advance(59_000)
    expect(told(host, id)).not.toContain('command-result')
    expect(host.sent).toContainEqual({
      type: 'command-progress',
      id,
      percent: null,
      text: 'not undone yet: the door is stuck',
    })
    await host.clock.advance(60_000)
    expect(await host.result(id)).toMatchObject({ outcome: 'unknown' })
    door.stick(false)
    await host.restart()
    const journal = () => readFile(join(host.directory, 'journal'), 'utf8')
    await waitFor('it is undone', async () => (await journal()).includes('"t":"settled"'))
    expect(await events(host)).toContain('undone')
    expect(door.undone).toEqual([{ before: 7 }])
    await host.restart()
    await host.clock.advance(60_000)
    expect(door.undone).toHaveLength(1)
  })

  test('is given up when it is cancelled', async () => {
    const door = changing()
    await using host = await start(door.action)
    door.stick(true)
    const id = await killed(host, door)
    const cancel = submit(host, { kind: 'cancel', args: { command: id }, ...node })
    expect(await host.result(cancel)).toMatchObject({
      outcome: 'done',
      message: `The command ${id} has ended: undoing it was given up: it was cancelled`,
    })
    expect(await host.result(id)).toMatchObject({ outcome: 'unknown' })
    door.stick(false)
    await host.restart()
    await host.clock.advance(60_000)
    expect(door.undone).toEqual([])
  })
})

test('a command whose agent is killed before it has noted anything has done nothing, and says so', async () => {
  const work = held()
  const action: Action = { ...work.action, undo: () => Promise.reject(new Error('not expected')) }
  await using host = await start(action)
  const id = submit(host, { kind: 'work' })
  await waitFor('it runs', () => work.begun.length === 1)
  await host.restart()
  work.release()
  expect(await host.result(id)).toMatchObject({
    outcome: 'cancelled',
    message: 'The agent ended before it changed anything; nothing was done.',
  })
})

describe('a command that fails after it has noted what it changes', () => {
  test('is undone before its result is told', async () => {
    const door = changing()
    await using host = await start(door.action)
    const id = submit(host, { kind: 'work', deadline_ms: 500 })
    await waitFor('it runs', () => door.begun.length === 1)
    await host.clock.advance(500)
    expect(await host.result(id)).toMatchObject({
      outcome: 'timed_out',
      message: 'it was not done within 500 ms; the door was closed',
    })
  })

  test('and cannot be undone says so, and is undone later', async () => {
    const door = changing()
    await using host = await start(door.action)
    door.stick(true)
    const id = submit(host, { kind: 'work', deadline_ms: 500 })
    await waitFor('it runs', () => door.begun.length === 1)
    await host.clock.advance(500)
    expect((await host.result(id)).message).toMatch(
      /^it was not done within 500 ms; the door is stuck; undoing/,
    )
    door.stick(false)
    await host.clock.advance(1_000)
    await waitFor('it is undone', () => door.undone.length === 1)
  })

  test('is left as it is when it succeeded', async () => {
    const door = changing()
    await using host = await start(door.action)
    const id = submit(host, { kind: 'work' })
    await waitFor('it runs', () => door.begun.length === 1)
    door.release()
    expect((await host.result(id)).outcome).toBe('done')
    await host.restart()
    await host.clock.advance(60_000)
    expect(door.undone).toEqual([])
  })
})
