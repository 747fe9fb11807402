import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../../common/log.ts'
import { createEvaluator } from '../../../collector/rules/evaluator.ts'
import type { EvaluatorOptions } from '../../../collector/rules/evaluator.ts'
import { gridOf, nextSlot } from '../../../collector/rules/schedule.ts'
import { createManualClock, settled } from '../../manual-clock.ts'
import { alerting, createMemoryStore, recording, sample } from './scripted-group.ts'

const group = {
  name: 'group',
  file: 'rules.yaml',
  intervalMs: 10_000,
  queryOffsetMs: 0,
  limit: 0,
  rules: [
    alerting({ forMs: 10_000, labels: { severity: 'CRIT' }, annotations: { summary: '{{ $labels.ins }}' } }),
    recording(),
  ],
}
const firstSlot = nextSlot(gridOf(group), 0)

function startEvaluator(parts: Partial<EvaluatorOptions> = {}) {
  const clock = createManualClock()
  const store = createMemoryStore()
  const registry = new Registry()
  const evaluator = createEvaluator({
    groups: [group],
    query: (expression) => Promise.resolve(expression === 'down' ? [sample({ ins: 'a' }, 0)] : []),
    append: store.append,
    select: store.select,
    notify: () => undefined,
    clock,
    log: silentLog,
    registry,
    ...parts,
  })
  onTestFinished(() => evaluator[Symbol.asyncDispose]())
  evaluator.start()
  return { clock, evaluator, registry, store }
}

test('a group is evaluated at every moment of its grid and at no other', async () => {
  const times: number[] = []
  const { clock } = startEvaluator({
    groups: [{ ...group, rules: [recording()] }],
    query: (_expression, timeMs) => {
      times.push(timeMs)
      return Promise.resolve([])
    },
  })
  await clock.advance(firstSlot + 25_000)
  expect(times).toEqual([firstSlot, firstSlot + 10_000, firstSlot + 20_000])
})

test('evaluations that could not take place are counted and not made up for', async () => {
  const times: number[] = []
  const slow = Promise.withResolvers<undefined>()
  const { clock, registry } = startEvaluator({
    groups: [{ ...group, rules: [recording()] }],
    query: async (_expression, timeMs) => {
      times.push(timeMs)
      if (times.length === 1) await slow.promise
      return []
    },
  })
  await clock.advance(firstSlot + 35_000)
  slow.resolve(undefined)
  await clock.advance(10_000)
  expect(times).toEqual([firstSlot, firstSlot + 40_000])
  expect(await registry.metrics()).toContain(
    'pgherd_collector_rule_group_missed_evaluations_total{rule_group="group"} 3',
  )
})

test('the views have the shape of Prometheus', async () => {
  const { clock, evaluator } = startEvaluator()
  expect(evaluator.rules()).toMatchObject([
    { lastEvaluation: '0001-01-01T00:00:00Z', rules: [{ health: 'unknown', state: 'inactive' }, {}] },
  ])
  await clock.advance(firstSlot)
  const at = new Date(firstSlot).toISOString()
  const alert = {
    labels: { alertname: 'Down', ins: 'a', severity: 'CRIT' },
    annotations: { summary: 'a' },
    state: 'pending',
    activeAt: at,
    value: '0e+00',
  }
  expect(evaluator.alerts()).toEqual([alert])
  expect(evaluator.rules()).toEqual([
    {
      name: 'group',
      file: 'rules.yaml',
      interval: 10,
      limit: 0,
      evaluationTime: 0,
      lastEvaluation: at,
      rules: [
        {
          type: 'alerting',
          name: 'Down',
          query: 'down',
          duration: 10,
          keepFiringFor: 0,
          labels: { severity: 'CRIT' },
          annotations: { summary: '{{ $labels.ins }}' },
          state: 'pending',
          health: 'ok',
          evaluationTime: 0,
          lastEvaluation: at,
          alerts: [alert],
        },
        {
          type: 'recording',
          name: 'pg:up',
          query: 'up',
          labels: {},
          health: 'ok',
          evaluationTime: 0,
          lastEvaluation: at,
        },
      ],
    },
  ])
  await clock.advance(10_000)
  expect(evaluator.rules()[0]?.rules[0]).toMatchObject({ state: 'firing', alerts: [{ state: 'firing' }] })
})

test('failures are counted', async () => {
  const { clock, registry } = startEvaluator({ query: () => Promise.reject(new Error('no')) })
  await clock.advance(firstSlot)
  const text = await registry.metrics()
  expect(text).toContain('pgherd_collector_rule_evaluations_total{rule_group="group"} 2')
  expect(text).toContain('pgherd_collector_rule_evaluation_failures_total{rule_group="group"} 2')
})

test('disposing stops the query that runs and waits for it', async () => {
  let stopped = false
  const { clock, evaluator } = startEvaluator({
    query: (_expression, _timeMs, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          stopped = true
          reject(new Error('stopped'))
        }),
      ),
  })
  await clock.advance(firstSlot)
  await settled()
  await evaluator[Symbol.asyncDispose]()
  expect(stopped).toBe(true)
  expect(clock.sleepers).toBe(0)
})
