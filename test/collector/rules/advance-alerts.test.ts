import { expect, test } from 'vitest'
import { advanceAlerts, resolvedRetentionMs } from '../../../collector/rules/advance-alerts.ts'
import type { Alert, Alerts } from '../../../collector/rules/alert.ts'

const result = { labels: ['alertname', 'Down', 'ins', 'a'], annotations: {}, value: 0 }
const nothing: Alerts = new Map()

/** Evaluates at the given seconds, with or without a result, and returns the alert after each. */
function run(
  rule: { forMs?: number; keepFiringForMs?: number },
  ...steps: readonly (readonly [second: number, found: boolean])[]
): readonly (Alert | undefined)[] {
  let alerts = nothing
  return steps.map(([second, found]) => {
    alerts = advanceAlerts(alerts, found ? [result] : [], second * 1000, {
      forMs: rule.forMs ?? 0,
      keepFiringForMs: rule.keepFiringForMs ?? 0,
    })
    return alerts.values().next().value
  })
}

test('without "for" an alert fires in the evaluation that finds it', () => {
  expect(run({}, [10, true])[0]).toMatchObject({ state: 'firing', activeAtMs: 10_000, firedAtMs: 10_000 })
})

test('with "for" it is pending until that time has passed', () => {
  const [first, second, third] = run({ forMs: 15_000 }, [10, true], [20, true], [25, true])
  expect(first).toMatchObject({ state: 'pending', activeAtMs: 10_000, firedAtMs: undefined })
  expect(second?.state).toBe('pending')
  expect(third).toMatchObject({ state: 'firing', activeAtMs: 10_000, firedAtMs: 25_000 })
})

test('a clock that is set back makes an alert pending no longer than "for"', () => {
  const [, back, then] = run({ forMs: 15_000 }, [7200, true], [3600, true], [3615, true])
  expect(back).toMatchObject({ state: 'pending', activeAtMs: 3_600_000 })
  expect(then?.state).toBe('firing')
})

test('a pending alert that is no longer found is forgotten and starts again', () => {
  const [, missing, again] = run({ forMs: 15_000 }, [10, true], [20, false], [30, true])
  expect(missing).toBeUndefined()
  expect(again).toMatchObject({ state: 'pending', activeAtMs: 30_000 })
})

test('a firing alert that is no longer found is resolved, and kept to be told again', () => {
  const [, resolved, kept, gone] = run(
    {},
    [10, true],
    [20, false],
    [20 + resolvedRetentionMs / 1000, false],
    [21 + resolvedRetentionMs / 1000, false],
  )
  expect(resolved).toMatchObject({ state: 'inactive', firedAtMs: 10_000, resolvedAtMs: 20_000 })
  expect(kept?.resolvedAtMs).toBe(20_000)
  expect(gone).toBeUndefined()
})

test('a resolved alert that comes back is a new one', () => {
  const [, , again] = run({ forMs: 10_000 }, [10, true], [20, false], [30, true])
  expect(again).toMatchObject({ state: 'pending', activeAtMs: 30_000, resolvedAtMs: undefined })
})

test('keep_firing_for bridges a gap, and ends when it was too long', () => {
  const [, kept, back, keptAgain, over] = run(
    { keepFiringForMs: 20_000 },
    [10, true],
    [20, false],
    [30, true],
    [40, false],
    [60, false],
  )
  expect(kept).toMatchObject({ state: 'firing', keepFiringSinceMs: 20_000 })
  expect(back).toMatchObject({ state: 'firing', firedAtMs: 10_000, keepFiringSinceMs: undefined })
  expect(keptAgain).toMatchObject({ state: 'firing', keepFiringSinceMs: 40_000 })
  expect(over).toMatchObject({ state: 'inactive', resolvedAtMs: 60_000 })
})

test('value and annotations are those of the last evaluation', () => {
  const first = advanceAlerts(nothing, [result], 0, { forMs: 0, keepFiringForMs: 0 })
  const newer = { ...result, annotations: { summary: 'worse' }, value: 7 }
  const [alert] = advanceAlerts(first, [newer], 10, { forMs: 0, keepFiringForMs: 0 }).values()
  expect(alert).toMatchObject({ value: 7, annotations: { summary: 'worse' }, firedAtMs: 0 })
})

test('an alert that an earlier run knew continues from there', () => {
  const [alert] = advanceAlerts(
    nothing,
    [result],
    60_000,
    { forMs: 30_000, keepFiringForMs: 0 },
    () => 20_000,
  ).values()
  expect(alert).toMatchObject({ state: 'firing', activeAtMs: 20_000, firedAtMs: 60_000 })
})
