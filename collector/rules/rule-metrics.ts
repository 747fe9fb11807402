import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { RuleGroup } from './rule-types.ts'

export interface RuleMetrics {
  countEvaluation(group: RuleGroup, failed: boolean): void
  countMissed(group: RuleGroup, evaluations: number): void
  observeGroup(group: RuleGroup, durationMs: number): void
  /** The group is evaluated no more: its figures end. */
  forget(group: RuleGroup): void
}

/** The evaluator's own metrics, by group. */
export function createRuleMetrics(registry: Registry): RuleMetrics {
  const labelNames = ['rule_group'] as const
  const registers = [registry]
  const evaluations = new Counter({
    name: 'pgherd_collector_rule_evaluations_total',
    help: 'Evaluations of single rules.',
    labelNames,
    registers,
  })
  const failures = new Counter({
    name: 'pgherd_collector_rule_evaluation_failures_total',
    help: 'Evaluations of single rules that ended with an error; their alerts kept their state.',
    labelNames,
    registers,
  })
  const missed = new Counter({
    name: 'pgherd_collector_rule_group_missed_evaluations_total',
    help: 'Evaluations of a group that did not take place because the one before took too long.',
    labelNames,
    registers,
  })
  const duration = new Gauge({
    name: 'pgherd_collector_rule_group_last_duration_seconds',
    help: 'How long the last evaluation of a group took.',
    labelNames,
    registers,
  })
  return {
    countEvaluation(group, failed) {
      evaluations.inc({ rule_group: group.name })
      failures.inc({ rule_group: group.name }, failed ? 1 : 0)
    },
    countMissed: (group, count) => missed.inc({ rule_group: group.name }, count),
    observeGroup: (group, durationMs) => duration.set({ rule_group: group.name }, durationMs / 1000),
    forget(group) {
      for (const metric of [evaluations, failures, missed, duration]) metric.remove(group.name)
    },
  }
}
