import { labelRecord } from '../../common/series/label-set.ts'
import type { Alert, Alerts } from './alert.ts'
import type { AlertNotification } from './rule-types.ts'

/** Alertmanager forgets an alert unless it is told again; this many lost messages do not end one. */
const lostMessages = 4

/**
 * What to tell Alertmanager after an evaluation at `atMs`: new, resolved, and every `resendDelayMs` again.
 * @returns the notifications, and the alerts with the time of sending noted
 */
export function dueNotifications(
  alerts: Alerts,
  atMs: number,
  options: {
    readonly resendDelayMs: number
    readonly intervalMs: number
    readonly generatorUrl: string | undefined
    /** Added where an alert has no such label itself. */
    readonly externalLabels: Readonly<Record<string, string>>
  },
): { readonly notifications: readonly AlertNotification[]; readonly alerts: Alerts } {
  const notifications: AlertNotification[] = []
  const after = new Map(alerts)
  for (const [key, alert] of alerts) {
    if (!isDue(alert, atMs, options.resendDelayMs)) continue
    after.set(key, { ...alert, lastSentAtMs: atMs })
    notifications.push({
      labels: { ...options.externalLabels, ...labelRecord(alert.labels) },
      annotations: alert.annotations,
      startsAtMs: alert.firedAtMs ?? atMs,
      endsAtMs:
        alert.resolvedAtMs ?? atMs + lostMessages * Math.max(options.intervalMs, options.resendDelayMs),
      generatorUrl: options.generatorUrl,
    })
  }
  return { notifications, alerts: after }
}

function isDue({ state, resolvedAtMs, lastSentAtMs }: Alert, atMs: number, resendDelayMs: number): boolean {
  if (state === 'pending') return false
  // In the future: the clock was set back, and nobody should wait until it is there again.
  if (lastSentAtMs === undefined || lastSentAtMs > atMs) return true
  if (resolvedAtMs !== undefined && resolvedAtMs > lastSentAtMs) return true
  return lastSentAtMs + resendDelayMs <= atMs
}
