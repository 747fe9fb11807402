import { labelKey } from '../../common/series/label-set.ts'
import { isStaleAt } from '../../common/series/stale.ts'
import { alertForStateMetric } from './alert-series.ts'
import { withoutName } from './without-name.ts'
import type { AlertingRuleDefinition, SelectSamples } from './rule-types.ts'

/** What happened longer ago is a new alert. */
const outageToleranceMs = 3_600_000

/**
 * Since when the alerts of an earlier run were active, by labelKey() of their labels. An alert that had served its
 * `for` fires again at once; for another one the time in which nobody looked does not count (Prometheus
 * rules/group.go: RestoreForState, with a grace period of none). Alerts that had ended are not in it.
 */
export async function restoreActiveTimes(
  rule: AlertingRuleDefinition,
  atMs: number,
  select: SelectSamples,
): Promise<ReadonlyMap<string, number>> {
  const stored = await select(
    [
      { name: '__name__', operator: '=', value: alertForStateMetric },
      { name: 'alertname', operator: '=', value: rule.name },
    ],
    atMs - outageToleranceMs,
    atMs - 1,
  )
  const active = new Map<string, number>()
  for (const { labels, timestamps, values } of stored) {
    const last = timestamps.length - 1
    if (last < 0 || isStaleAt(values, last)) continue
    const lastSeenMs = timestamps[last]!
    const activeAtMs = values[last]! * 1000
    const served = lastSeenMs - activeAtMs >= rule.forMs
    active.set(labelKey(withoutName(labels)), served ? activeAtMs : activeAtMs + (atMs - lastSeenMs))
  }
  return active
}
