import { readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import type { CommandResult } from '../../../testbed/run-command.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startTunedFleet } from '../../system/tuned-fleet.ts'
import type { TunedFleet } from '../../system/tuned-fleet.ts'

/**
 * kill -9 of the whole agent while it changes settings and while its guard watches. Whatever the moment: after its next start there is
 * a change as a whole, watched on, or none.
 */
const owned = new AsyncDisposableStack()
let host: TunedFleet

const wanted: readonly (readonly [string, string])[] = [
  ['work_mem', '9MB'],
  ['random_page_cost', '1.3'],
  ['effective_cache_size', '2GB'],
  ['max_wal_size', '2GB'],
  ['checkpoint_timeout', '10min'],
  ['maintenance_work_mem', '80MB'],
]
const names = wanted.map(([name]) => name)

beforeAll(async () => {
  host = owned.use(
    await startTunedFleet({ settings: names, rules: ['  - kinds: [read, tune-apply, tune-rollback]'] }),
  )
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

let before: readonly unknown[] = []
beforeEach(async () => {
  before = await valuesNow()
})

const valuesNow = () => Promise.all(names.map((name) => host.valueOf(name)))
const autoFile = (): string => join(host.postgres.dataDirectory, 'postgresql.auto.conf')
const linesOfAuto = (): number =>
  names.filter((name) => new RegExp(`^${name} = `, 'm').test(readFileSync(autoFile(), 'utf8'))).length
const sets = wanted.map(([name, value]) => `${name}=${value}`)

/**
 * Kills the agent as soon as the file has so many of the settings.
 * @param applied - which cannot end before that
 * @returns how many it had when the agent was dead
 */
async function killAt(lines: number, applied: Promise<CommandResult>): Promise<number> {
  const { pid } = host.agent
  const { promise: isThere, resolve } = Promise.withResolvers<undefined>()
  const watcher = watch(host.postgres.dataDirectory, () => {
    if (linesOfAuto() < lines) return
    process.kill(pid, 'SIGKILL')
    watcher.close()
    resolve(undefined)
  })
  const ended = await Promise.race([isThere, applied])
  watcher.close()
  if (ended !== undefined) throw new Error(`nothing was written: ${ended.stdout}${ended.stderr}`)
  await host.agent.kill()
  return linesOfAuto()
}

async function restarted(): Promise<void> {
  await host.agent.start()
  await host.untilKnown()
  await waitFor(
    'the agent takes commands for its server',
    async () => (await host.tune('status', 'pg-main-1')).status === 0,
    { timeoutMs: 60_000, explain: () => host.agent.logTail(5) },
  )
}

async function lastChange(): Promise<TuneChange> {
  const last = (await host.changes()).at(-1)
  if (last === undefined) throw new Error('there is no change')
  return last
}

function untilState(what: string, isIt: (change: TuneChange) => boolean): Promise<boolean> {
  return waitFor(what, async () => isIt(await lastChange()), {
    timeoutMs: 60_000,
    explain: () => host.agent.logTail(10),
  })
}

const apply = (guard: string) =>
  host.tune('apply', 'pg-main-1', '--set', ...sets, '--guard', guard, '--baseline', '1s', '--yes')

test('killed when the first of six settings is written: all is taken back, and the command says so', async () => {
  const applied = apply('1h')
  expect(await killAt(1, applied)).toBeLessThan(names.length)
  await restarted()
  await untilState('it is taken back', ({ state }) => state === 'rolled-back')
  expect(await valuesNow()).toEqual(before)
  expect(linesOfAuto()).toBe(0)
  const { status, stdout, stderr } = await applied
  expect(stdout + stderr).toMatch(/The agent ended while it ran/)
  expect(status).toBe(1)
})

test('killed when all is written and nothing is confirmed: it is a change as a whole, which is watched, or there is none', async () => {
  const applied = apply('1h')
  await killAt(names.length, applied)
  await restarted()
  await untilState('it is decided', ({ state }) => state === 'rolled-back' || state === 'watching')
  await applied
  const { state } = await lastChange()
  const isThere = state === 'watching'
  expect(await valuesNow()).toEqual(isThere ? wanted.map(([, value]) => value) : before)
  expect(linesOfAuto()).toBe(isThere ? names.length : 0)
  if (isThere) await host.tune('rollback', 'pg-main-1', '--yes')
  expect(await valuesNow()).toEqual(before)
})

test('killed within the window: it goes on until the time that was said, and keeps the change', async () => {
  expect((await apply('20s')).status).toBe(0)
  const { untilMs, id } = await lastChange()
  await host.agent.kill()
  await restarted()
  await untilState('it is decided', ({ state }) => state === 'kept')
  const kept = await lastChange()
  expect(kept.id).toBe(id)
  expect(kept.finishedMs).toBeGreaterThanOrEqual(untilMs ?? Infinity)
  expect(await valuesNow()).toEqual(wanted.map(([, value]) => value))
  expect((await host.tune('rollback', 'pg-main-1', '--yes')).status).toBe(0)
})

test('somebody changes a setting while the agent is dead: it is told, and what he has set stays', async () => {
  expect((await apply('1h')).status).toBe(0)
  await host.agent.kill()
  await host.postgres.query("alter system set work_mem = '11MB'")
  await host.postgres.query('select pg_reload_conf()')
  await restarted()
  const { stdout, stderr } = await host.tune('rollback', 'pg-main-1', '--yes')
  expect(stdout + stderr).toMatch(/work_mem was changed by somebody else meanwhile and stays/)
  expect(await valuesNow()).toEqual(['11MB', ...before.slice(1)])
})

test('where he has changed all of it, the change is left alone', async () => {
  const only = ['--set', 'random_page_cost=1.5', '--guard', '1h', '--baseline', '1s', '--yes']
  expect((await host.tune('apply', 'pg-main-1', ...only)).status).toBe(0)
  await host.agent.kill()
  await host.postgres.query('alter system set random_page_cost = 2')
  await host.postgres.query('select pg_reload_conf()')
  await restarted()
  await untilState('it is left alone', ({ state }) => state === 'left-alone')
  expect((await lastChange()).message).toContain('random_page_cost')
  expect(await host.valueOf('random_page_cost')).toBe('2')
})
