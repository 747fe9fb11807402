import { labelKey } from '../../common/series/label-set.ts'
import type { ActiveResult, Alert, Alerts } from './alert.ts'

/** A resolved alert stays this long, so that its end is told again should Alertmanager have missed it. */
export const resolvedRetentionMs = 15 * 60_000

/**
 * The state machine of one alerting rule (Prometheus rules/alerting.go): what the alerts are after an evaluation
 * at `atMs` that found `results`, whose label sets differ from each other.
 * @param activeAt since when a new alert is active: `atMs` unless an earlier run knew it
 */
export function advanceAlerts(
  before: Alerts,
  results: readonly ActiveResult[],
  atMs: number,
  rule: { readonly forMs: number; readonly keepFiringForMs: number },
  activeAt: (key: string) => number = () => atMs,
): Alerts {
  const after = new Map<string, Alert>()
  const found = new Map(results.map((result) => [labelKey(result.labels), result]))
  for (const [key, alert] of before) {
    const result = found.get(key)
    if (result !== undefined && alert.state !== 'inactive') {
      after.set(key, ripen({ ...alert, ...result, keepFiringSinceMs: undefined }, atMs, rule.forMs))
    } else if (result === undefined) {
      const kept = withoutResult(alert, atMs, rule.keepFiringForMs)
      if (kept !== undefined) after.set(key, kept)
    }
  }
  for (const [key, result] of found) {
    if (after.has(key)) continue
    after.set(key, ripen(startedAt(result, activeAt(key)), atMs, rule.forMs))
  }
  return after
}

function startedAt(result: ActiveResult, activeAtMs: number): Alert {
  return {
    ...result,
    state: 'pending',
    activeAtMs,
    firedAtMs: undefined,
    resolvedAtMs: undefined,
    keepFiringSinceMs: undefined,
    lastSentAtMs: undefined,
  }
}

function ripen(alert: Alert, atMs: number, forMs: number): Alert {
  if (alert.state !== 'pending') return alert
  // In the future: the clock was set back, by more than what is left of `for` perhaps.
  const activeAtMs = Math.min(alert.activeAtMs, atMs)
  if (atMs - activeAtMs < forMs) return { ...alert, activeAtMs }
  return { ...alert, activeAtMs, state: 'firing', firedAtMs: atMs }
}

function withoutResult(alert: Alert, atMs: number, keepFiringForMs: number): Alert | undefined {
  switch (alert.state) {
    case 'pending':
      return undefined
    case 'inactive':
      return atMs - alert.resolvedAtMs! > resolvedRetentionMs ? undefined : alert
    case 'firing': {
      const keepFiringSinceMs = alert.keepFiringSinceMs ?? atMs
      if (atMs - keepFiringSinceMs < keepFiringForMs) return { ...alert, keepFiringSinceMs }
      return { ...alert, state: 'inactive', resolvedAtMs: atMs }
    }
  }
}
