import { PgherdError } from '../../common/errors.ts'
import { advanceAlerts } from './advance-alerts.ts'
import type { Alerts } from './alert.ts'
import { dueNotifications } from './alert-sending.ts'
import { alertSeries } from './alert-series.ts'
import { createExpansion } from './expand-results.ts'
import { restoreActiveTimes } from './restore-alerts.ts'
import type { Rule, RuleContext } from './rule.ts'
import type { AlertingRuleDefinition } from './rule-types.ts'

/**
 * A rule that turns the result of its expression into alerts. Its first evaluation continues where an earlier run
 * stopped; as long as that cannot be read the rule fails, since it would overwrite what it should restore.
 * @param heritage the alerts of the rule whose place it takes, which has read them already
 */
export function createAlertingRule(
  definition: AlertingRuleDefinition,
  group: { readonly limit: number; readonly intervalMs: number },
  context: RuleContext,
  heritage?: Alerts,
): Rule {
  const expand = createExpansion(definition)
  const generatorUrl =
    context.externalUrl === ''
      ? undefined
      : `${context.externalUrl.replace(/\/$/, '')}/?expr=${encodeURIComponent(definition.expression)}`
  let alerts: Alerts = heritage ?? new Map()
  let isRestored = heritage !== undefined

  return {
    definition,
    async evaluate(atMs, queryMs, signal) {
      const samples = await context.query(definition.expression, queryMs, signal)
      const results = await expand(
        samples,
        {
          query: (expression) => context.query(expression, queryMs, signal),
          nowMs: atMs,
          externalUrl: context.externalUrl,
        },
        context.externalLabels,
      )
      const earlier = isRestored
        ? new Map<string, number>()
        : await restoreActiveTimes(definition, atMs, context.select)
      const advanced = advanceAlerts(alerts, results, atMs, definition, (key) => earlier.get(key) ?? atMs)
      isRestored = true
      const active = [...advanced.values()].filter(({ state }) => state !== 'inactive').length
      if (group.limit > 0 && active > group.limit) {
        alerts = new Map()
        throw new PgherdError('QUERY_LIMIT', `exceeded limit of ${group.limit} with ${active} alerts`)
      }
      alerts = advanced
      return alertSeries(alerts)
    },
    takeNotifications(atMs) {
      const due = dueNotifications(alerts, atMs, {
        resendDelayMs: context.resendDelayMs,
        intervalMs: group.intervalMs,
        generatorUrl,
        externalLabels: context.externalLabels,
      })
      alerts = due.alerts
      return due.notifications
    },
    get alerts() {
      return alerts
    },
    get heritage() {
      return isRestored ? alerts : undefined
    },
  }
}
