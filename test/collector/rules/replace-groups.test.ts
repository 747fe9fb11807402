import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { createEvaluator } from '../../../collector/rules/evaluator.ts'
import type { EvaluatorOptions } from '../../../collector/rules/evaluator.ts'
import type {
  AlertNotification,
  RuleDefinition,
  RuleGroup,
  VectorSample,
} from '../../../collector/rules/rule-types.ts'
import { gridOf, nextSlot } from '../../../collector/rules/schedule.ts'
import { silentLog } from '../../../common/log.ts'
import { createManualClock, settled } from '../../manual-clock.ts'
import { alerting, createMemoryStore, recording, sample } from './scripted-group.ts'

function group(rules: readonly RuleDefinition[], parts: Partial<RuleGroup> = {}): RuleGroup {
  return { name: 'group', file: 'a.yaml', intervalMs: 10_000, queryOffsetMs: 0, limit: 0, rules, ...parts }
}

const slot = nextSlot(gridOf(group([])), 0)
const down = alerting({ forMs: 20_000 })
const other = recording({ name: 'pg:other', expression: 'other' })

/** An evaluator at the moment of the first evaluation of `group`, which it has done; `down` and `up` have a sample each. */
async function startEvaluator(groups: readonly RuleGroup[], parts: Partial<EvaluatorOptions> = {}) {
  const clock = createManualClock()
  const store = createMemoryStore()
  const registry = new Registry()
  const told: AlertNotification[] = []
  const results = new Map<string, readonly VectorSample[]>([
    ['down', [sample({ ins: 'a' }, 0)]],
    ['up', [sample({ ins: 'a' }, 1)]],
  ])
  const asked: string[] = []
  const evaluator = createEvaluator({
    groups,
    query: (expression, timeMs) => {
      asked.push(`${expression} ${(timeMs - slot) / 1000}`)
      return Promise.resolve(results.get(expression) ?? [])
    },
    append: store.append,
    select: store.select,
    notify: (notifications) => void told.push(...notifications),
    clock,
    log: silentLog,
    registry,
    ...parts,
  })
  onTestFinished(() => evaluator[Symbol.asyncDispose]())
  evaluator.start()
  await clock.advance(slot)
  const states = (): readonly string[] => evaluator.alerts().map(({ state }) => state)
  return { asked, clock, evaluator, registry, results, states, store, told }
}

test('a group that did not change goes on as if nothing had been', async () => {
  const { asked, clock, evaluator, states } = await startEvaluator([group([down])])
  await clock.advance(5_000)
  const [before] = evaluator.rules()
  await evaluator.replace([structuredClone(group([down])), group([other], { name: 'new' })])
  expect(evaluator.rules()[0]).toEqual(before)
  await clock.advance(15_000)
  expect(asked.filter((line) => line.startsWith('down'))).toEqual(['down 0', 'down 10', 'down 20'])
  expect(states()).toEqual(['firing'])
})

test('in a group that changed, a rule that did not keeps the time since when its alerts are active', async () => {
  const { asked, clock, evaluator, states } = await startEvaluator([group([down])])
  await clock.advance(5_000)
  await evaluator.replace([group([other, down])])
  expect(states()).toEqual(['pending'])
  await clock.advance(15_000)
  expect(asked).toEqual(['down 0', 'other 10', 'down 10', 'other 20', 'down 20'])
  expect(states()).toEqual(['firing'])
})

test('an alert that fires only because of keep_firing_for does so for the rest of that time', async () => {
  const rule = alerting({ keepFiringForMs: 30_000 })
  const { clock, evaluator, results, states, told } = await startEvaluator([group([rule])])
  results.set('down', [])
  await clock.advance(10_000)
  await evaluator.replace([group([rule, other])])
  await clock.advance(20_000)
  expect(states()).toEqual(['firing'])
  await clock.advance(10_000)
  expect(states()).toEqual([])
  expect(told.at(-1)).toMatchObject({ startsAtMs: slot, endsAtMs: slot + 40_000 })
})

test('an alert of a rule with another expression and text goes on, and has the new text', async () => {
  const { clock, evaluator, results, states } = await startEvaluator([group([down])])
  results.set('down > 0', results.get('down')!)
  await evaluator.replace([
    group([{ ...down, expression: 'down > 0', annotations: { summary: '{{ $labels.ins }} is down' } }]),
  ])
  await clock.advance(20_000)
  expect(states()).toEqual(['firing'])
  expect(evaluator.alerts()[0]?.annotations).toEqual({ summary: 'a is down' })
})

test('a rule with other labels begins anew, and the series of the old one end', async () => {
  const { clock, evaluator, states, store } = await startEvaluator([group([down])])
  await clock.advance(5_000)
  await evaluator.replace([group([{ ...down, labels: { severity: 'CRIT' } }])])
  await clock.advance(20_000)
  expect(states()).toEqual(['pending'])
  expect(store.writtenAt(slot + 5_000)).toEqual([
    'ALERTS_FOR_STATE{alertname=Down,ins=a} stale',
    'ALERTS{alertname=Down,alertstate=pending,ins=a} stale',
  ])
})

test('the series of a recording rule that is gone end at the moment of the change', async () => {
  const { clock, evaluator, store } = await startEvaluator([group([recording(), down])])
  await clock.advance(5_000)
  await evaluator.replace([group([down])])
  await clock.advance(20_000)
  expect(store.writtenAt(slot + 5_000)).toEqual(['pg:up{ins=a} stale'])
})

test('a series that an evaluation after the change no longer has ends there and not before', async () => {
  const { clock, evaluator, results, store } = await startEvaluator([group([recording()])])
  await clock.advance(5_000)
  await evaluator.replace([group([recording(), other])])
  results.set('up', [])
  await clock.advance(30_000)
  expect(store.writtenAt(slot + 5_000)).toEqual([])
  expect(store.writtenAt(slot + 10_000)).toEqual(['pg:up{ins=a} stale'])
})

test('a group that is gone is evaluated no more, its series end, and so do its figures', async () => {
  const { asked, clock, evaluator, registry, store } = await startEvaluator([group([recording()])])
  await clock.advance(5_000)
  await evaluator.replace([])
  await clock.advance(60_000)
  expect(evaluator.rules()).toEqual([])
  expect(asked).toEqual(['up 0'])
  expect(store.writtenAt(slot + 5_000)).toEqual(['pg:up{ins=a} stale'])
  expect(await registry.metrics()).not.toContain('rule_group="group"')
})

test('firing alerts of a rule that is gone are left to end at the time that was told with them', async () => {
  const { clock, evaluator, told } = await startEvaluator([group([alerting()])])
  await evaluator.replace([])
  await clock.advance(600_000)
  expect(told).toEqual([expect.objectContaining({ startsAtMs: slot, endsAtMs: slot + 240_000 })])
})

test('a group under another name goes on with its series and with how long its alerts have been pending', async () => {
  const { clock, evaluator, store } = await startEvaluator([group([recording(), down])])
  await clock.advance(15_000)
  const renamed = group([recording(), down], { name: 'renamed', file: 'b.yaml' })
  await evaluator.replace([renamed])
  await clock.advance(40_000)
  expect(evaluator.rules().map(({ name }) => name)).toEqual(['renamed'])
  // Stored in whole seconds; the time from the last evaluation under the old name to the first does not count.
  const activeMs = Math.floor(slot / 1000) * 1000 + nextSlot(gridOf(renamed), slot + 15_000) - slot - 10_000
  expect(evaluator.alerts()).toMatchObject([{ state: 'firing', activeAt: new Date(activeMs).toISOString() }])
  expect(store.writtenAt(slot + 15_000)).toEqual([])
})

test('an evaluation under way ends first, and what it found is stored', async () => {
  const slow = Promise.withResolvers<readonly VectorSample[]>()
  const { clock, evaluator, store } = await startEvaluator([group([recording()])], {
    query: () => slow.promise,
  })
  let isReplaced = false
  const replaced = evaluator.replace([group([other])]).then(() => {
    isReplaced = true
  })
  await clock.advance(3_000)
  expect(isReplaced).toBe(false)
  expect(evaluator.rules()[0]?.rules.map(({ name }) => name)).toEqual(['pg:up'])
  slow.resolve([sample({ ins: 'a' }, 1)])
  await replaced
  expect(store.writtenAt(slot)).toEqual(['pg:up{ins=a} 1'])
  expect(evaluator.rules()[0]?.rules.map(({ name }) => name)).toEqual(['pg:other'])
})

test('a slow group does not keep others from being evaluated as they are now', async () => {
  const slow = Promise.withResolvers<readonly VectorSample[]>()
  const asked: string[] = []
  const { clock, evaluator } = await startEvaluator([group([recording()])], {
    query: (expression) => {
      asked.push(expression)
      return expression === 'up' ? slow.promise : Promise.resolve([])
    },
  })
  const replaced = evaluator.replace([group([]), group([other], { name: 'new' })])
  await clock.advance(10_000)
  expect(asked).toEqual(['up', 'other'])
  slow.resolve([])
  await replaced
})

test('a rule that could not read yet what an earlier run left reads it after the change', async () => {
  const store = createMemoryStore()
  await store.append(
    slot - 10_000,
    [['__name__', 'ALERTS_FOR_STATE', 'alertname', 'Down', 'ins', 'a']],
    Float64Array.of((slot - 40_000) / 1000),
  )
  let isReadable = false
  const { clock, evaluator, states } = await startEvaluator([group([down])], {
    append: store.append,
    select: (...asked) => (isReadable ? store.select(...asked) : Promise.reject(new Error('not now'))),
  })
  isReadable = true
  await evaluator.replace([group([down, other])])
  await clock.advance(10_000)
  expect(states()).toEqual(['firing'])
})

test('with another interval a group is evaluated on the grid of that one', async () => {
  const { asked, clock, evaluator } = await startEvaluator([group([recording()])])
  const faster = group([recording()], { intervalMs: 2_000 })
  await evaluator.replace([faster])
  const next = nextSlot(gridOf(faster), slot)
  await clock.advance(next + 2_000 - slot)
  const first = (next - slot) / 1000
  expect(asked).toEqual(['up 0', `up ${first}`, `up ${first + 2}`])
})

test('disposing ends series that are still to be ended, and lets nothing begin that a change asks for then', async () => {
  const { clock, evaluator, store } = await startEvaluator([group([recording()])])
  await clock.advance(5_000)
  await evaluator.replace([])
  await evaluator[Symbol.asyncDispose]()
  expect(store.writtenAt(slot + 5_000)).toEqual(['pg:up{ins=a} stale'])
  await evaluator.replace([group([recording()])])
  await settled()
  expect(clock.sleepers).toBe(0)
})
