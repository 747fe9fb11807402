import { expect, test } from 'vitest'
import { advanceAlerts } from '../../../collector/rules/advance-alerts.ts'
import type { Alerts } from '../../../collector/rules/alert.ts'
import { dueNotifications } from '../../../collector/rules/alert-sending.ts'

const options = { resendDelayMs: 60_000, intervalMs: 10_000, generatorUrl: undefined, externalLabels: {} }
const result = { labels: ['alertname', 'Down'], annotations: { summary: 's' }, value: 0 }

/** The start and end times that are told at each evaluation, in seconds. */
function told(forMs: number, ...steps: readonly (readonly [second: number, found: boolean])[]): unknown[] {
  let alerts: Alerts = new Map()
  return steps.map(([second, found]) => {
    alerts = advanceAlerts(alerts, found ? [result] : [], second * 1000, { forMs, keepFiringForMs: 0 })
    const due = dueNotifications(alerts, second * 1000, options)
    alerts = due.alerts
    return due.notifications.map(({ startsAtMs, endsAtMs }) => [startsAtMs / 1000, endsAtMs / 1000])
  })
}

test('a firing alert is told at once and again after the resend delay, good for four of them', () => {
  expect(told(0, [0, true], [10, true], [50, true], [60, true], [70, true])).toEqual([
    [[0, 240]],
    [],
    [],
    [[0, 300]],
    [],
  ])
})

test('a pending alert is not told', () => {
  expect(told(20_000, [0, true], [10, true], [20, true])).toEqual([[], [], [[20, 260]]])
})

test('its end is told at once with the time of the end, and again until it is forgotten', () => {
  expect(told(0, [0, true], [10, false], [20, false], [70, false], [2000, false])).toEqual([
    [[0, 240]],
    [[0, 10]],
    [],
    [[0, 10]],
    [],
  ])
})

test('a clock that is set back puts off neither the next word nor the end', () => {
  expect(told(0, [7200, true], [3600, true], [3610, true], [3620, false])).toEqual([
    [[7200, 7440]],
    [[7200, 3840]],
    [],
    [[7200, 3620]],
  ])
})

test('an alert that was resolved before anybody was told is not left out', () => {
  const alerts = advanceAlerts(new Map(), [result], 0, { forMs: 0, keepFiringForMs: 0 })
  const resolved = advanceAlerts(alerts, [], 10_000, { forMs: 0, keepFiringForMs: 0 })
  expect(dueNotifications(resolved, 10_000, options).notifications).toMatchObject([{ endsAtMs: 10_000 }])
})

test('external labels are added and do not override those of the alert', () => {
  const alerts = advanceAlerts(new Map(), [result], 0, { forMs: 0, keepFiringForMs: 0 })
  const externalLabels = { alertname: 'other', site: 'one' }
  expect(dueNotifications(alerts, 0, { ...options, externalLabels }).notifications[0]?.labels).toEqual({
    alertname: 'Down',
    site: 'one',
  })
})
