import { expect, test } from 'vitest'
import { tuneStatus } from '../../../../agent/actions/kinds/tune-status.ts'
import type { TuneControls } from '../../../../agent/actions/tune/controls.ts'
import { PgherdError } from '../../../../common/errors.ts'
import type { TuneChange } from '../../../../common/tuning/tune-change.ts'
import { buildResult } from '../../../../agent/actions/build-result.ts'
import { runAction } from '../../../../agent/actions/run-action.ts'
import { createTargets } from '../../../../agent/actions/targets.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import { contextOver } from '../action-context.ts'
import { payloadAt } from '../host.ts'

const never = () => Promise.reject(new Error('not asked for here'))
const controlsWith = (changes: readonly TuneChange[]): TuneControls => ({
  ...{ detect: never, advise: never, plan: never, apply: never, undo: never, rollBack: never },
  planRollback: never,
  changes: () => Promise.resolve(changes),
})
const change = (id: number): TuneChange => ({
  ...{ id: String(id), server: 'pg-test-1', state: 'kept', by: 'alter-system', message: 'it stays' },
  ...{ startedMs: id, untilMs: null, finishedMs: id, readings: [] },
  settings: Array.from({ length: 100 }, (_, i) => ({
    ...{ name: `setting_${i}`, before: 'x'.repeat(50), after: 'y'.repeat(50), needsRestart: false },
  })),
})

test('the status of changes is told while the server is down, since that is when it is wanted most', async () => {
  const open = () => Promise.reject(new PgherdError('POSTGRES_UNAVAILABLE', 'cannot connect to PostgreSQL'))
  const payload = payloadAt(systemClock.now(), { kind: 'tune-status', server: 'pg-test-1', mode: 'run' })
  const run = runAction(tuneStatus(controlsWith([])), { limit: 20 }, payload, {
    clock: systemClock,
    agent: contextOver(open).agent,
    targets: createTargets([{ server: 'pg-test-1', kind: 'postgres', open }], systemClock, silentLog),
    telling: { progress: () => undefined, write: () => undefined, end: () => undefined },
    mustUndo: () => Promise.resolve(),
  })
  expect(await run.ending).toMatchObject({
    outcome: 'done',
    message: 'pg-test-1: 0 changes of settings, 0 of them not over.',
  })
})

test('of many large changes the newest are told as a whole, and how many are left out', async () => {
  const all = Array.from({ length: 50 }, (_, i) => change(i))
  const context = contextOver(() => Promise.reject(new Error('not asked for here')))
  const { message, output } = await tuneStatus(controlsWith(all)).run(context, { limit: 200 })
  const result = buildResult({ outcome: 'done', message, output }, 0)
  const facts = result.output.find((one) => one.type === 'facts')?.facts
  const { changes, leftOut } = facts as { changes: readonly TuneChange[]; leftOut: number }
  expect(changes.at(-1)?.id).toBe('49')
  expect(changes.length).toBeGreaterThan(5)
  expect(changes.length + leftOut).toBe(50)
  expect(result.output.filter((one) => one.type === 'table' && one.truncated)).toEqual([])
})

test.each([0, 1, 3])('with room for all, and a limit of 2, of %i there are as many', async (count) => {
  const context = contextOver(() => Promise.reject(new Error('not asked for here')))
  const all = Array.from({ length: count }, (_, i) => change(i))
  const { output } = await tuneStatus(controlsWith(all)).run(context, { limit: 2 })
  const facts = output.find((one) => one.type === 'facts')?.facts as { changes: readonly TuneChange[] }
  expect(facts.changes.map(({ id }) => id)).toEqual(all.slice(-2).map(({ id }) => id))
})
