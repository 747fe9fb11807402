import { expect, test } from 'vitest'
import { createWatchdogFigures, watchdogMetrics } from '../../../../agent/insight/watchdog/figures.ts'
import { madePolicy } from './made-sessions.ts'

const policy = madePolicy(`
rules:
  - { name: a, case: long-query, after: 1m, harm: none }
  - { name: b, case: long-query, after: 2m, harm: none }`)

function valueOf(figures: ReturnType<typeof createWatchdogFigures>, metric: string, ...labels: string[]) {
  for (const table of figures.tables()) {
    const column = table.metrics.indexOf(metric)
    const row = table.rows.find((one) => one.labels.join() === labels.join())
    if (column >= 0 && row !== undefined) return row.values[column]
  }
  return undefined
}

test('without a policy there are none, and with one that is wrong from the start only that', () => {
  const figures = createWatchdogFigures()
  figures.follow(undefined, true)
  expect(figures.tables()).toEqual([])
  figures.follow(undefined, false)
  expect(valueOf(figures, 'pgherd_watchdog_policy_ok')).toBe(0)
  expect(figures.tables().flatMap(({ rows }) => rows)).toHaveLength(1)
})

test('a rule begins with 0, so that a rate misses nothing', () => {
  const figures = createWatchdogFigures()
  figures.follow(policy, true)
  expect(valueOf(figures, 'pgherd_watchdog_acted_total', 'terminate', 'b')).toBe(0)
  figures.addAction('acted', 'b', 'terminate')
  figures.found(new Map([['a', 3]]))
  expect(valueOf(figures, 'pgherd_watchdog_acted_total', 'terminate', 'b')).toBe(1)
  expect(valueOf(figures, 'pgherd_watchdog_sessions', 'a')).toBe(3)
  figures.found(new Map())
  expect(valueOf(figures, 'pgherd_watchdog_sessions', 'a')).toBe(0)
})

test('the tables are the very same until something changes', () => {
  const figures = createWatchdogFigures()
  figures.follow(policy, true)
  const before = figures.tables()
  figures.follow(policy, true)
  figures.found(new Map())
  figures.tables().forEach((table, index) => expect(table).toBe(before[index]))
  figures.add('found', 'a')
  expect(figures.tables()).not.toBe(before)
})

test('what is told is what the reference of metrics lists, with these labels', () => {
  const figures = createWatchdogFigures()
  figures.follow(policy, true)
  const told = figures
    .tables()
    .flatMap(({ metrics, labelNames }) => metrics.map((name) => ({ name, labels: labelNames })))
  const listed = watchdogMetrics.map(({ name, labels }) => ({ name, labels }))
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
  expect(told.toSorted(byName)).toEqual(listed.toSorted(byName))
})
