import { labelRecord } from '../../common/series/label-set.ts'
import type { Alert, Alerts } from './alert.ts'
import type { GroupRunner, RuleStatus } from './group-runner.ts'
import { exponential } from './template/go-number.ts'

/** Durations are seconds and times RFC 3339, as in Prometheus' /api/v1/rules. */
export interface AlertView {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly state: string
  readonly activeAt: string
  readonly keepFiringSince?: string
  readonly value: string
}

export interface RuleView {
  readonly type: 'alerting' | 'recording'
  readonly name: string
  readonly query: string
  readonly labels: Readonly<Record<string, string>>
  readonly health: string
  readonly lastError?: string
  readonly evaluationTime: number
  readonly lastEvaluation: string
  readonly state?: string
  readonly duration?: number
  readonly keepFiringFor?: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly alerts?: readonly AlertView[]
}

export interface RuleGroupView {
  readonly name: string
  readonly file: string
  readonly interval: number
  readonly limit: number
  readonly evaluationTime: number
  readonly lastEvaluation: string
  readonly rules: readonly RuleView[]
}

/** A group and its rules as the API shows them. */
export function groupView(runner: GroupRunner): RuleGroupView {
  const { group } = runner
  return {
    name: group.name,
    file: group.file,
    interval: group.intervalMs / 1000,
    limit: group.limit,
    evaluationTime: runner.durationMs / 1000,
    lastEvaluation: timeText(runner.lastEvaluationMs),
    rules: runner.rules.map(ruleView),
  }
}

/** The pending and firing alerts of a rule. */
export function alertViews(alerts: Alerts): readonly AlertView[] {
  return [...alerts.values()].filter(({ state }) => state !== 'inactive').map(alertView)
}

function ruleView({ rule, health, lastError, lastEvaluationMs, durationMs }: RuleStatus): RuleView {
  const { definition, alerts } = rule
  const common = {
    name: definition.name,
    query: definition.expression,
    labels: definition.labels,
    health,
    ...(lastError === undefined ? {} : { lastError }),
    evaluationTime: durationMs / 1000,
    lastEvaluation: timeText(lastEvaluationMs),
  }
  if (definition.kind === 'recording') return { ...common, type: 'recording' }
  return {
    ...common,
    type: 'alerting',
    state: worstState(alerts),
    duration: definition.forMs / 1000,
    keepFiringFor: definition.keepFiringForMs / 1000,
    annotations: definition.annotations,
    alerts: alertViews(alerts),
  }
}

function worstState(alerts: Alerts): string {
  const states = [...alerts.values()].map(({ state }) => state)
  return states.includes('firing') ? 'firing' : states.includes('pending') ? 'pending' : 'inactive'
}

function alertView(alert: Alert): AlertView {
  return {
    labels: labelRecord(alert.labels),
    annotations: alert.annotations,
    state: alert.state,
    activeAt: timeText(alert.activeAtMs),
    ...(alert.keepFiringSinceMs === undefined ? {} : { keepFiringSince: timeText(alert.keepFiringSinceMs) }),
    value: exponential(alert.value),
  }
}

/** Never is Go's zero time, which clients of this API know. */
function timeText(timeMs: number | undefined): string {
  return timeMs === undefined ? '0001-01-01T00:00:00Z' : new Date(timeMs).toISOString()
}
