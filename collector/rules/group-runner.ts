import { PgherdError, messageOf } from '../../common/errors.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { labelKey } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { setStale } from '../../common/series/stale.ts'
import { createAlertingRule } from './alerting-rule.ts'
import { matchRules } from './match-rules.ts'
import { createRecordingRule } from './recording-rule.ts'
import type { Rule, RuleContext } from './rule.ts'
import type { AlertNotification, AppendSamples, RuleGroup, VectorSample } from './rule-types.ts'

/** How a rule's last evaluation went; times are milliseconds. */
export interface RuleStatus {
  readonly rule: Rule
  readonly health: 'ok' | 'err' | 'unknown'
  readonly lastError: string | undefined
  readonly lastEvaluationMs: number | undefined
  readonly durationMs: number
}

export interface GroupRunner {
  readonly group: RuleGroup
  /** Evaluates all rules for the moment `atMs`, one after another; never rejects. */
  evaluate(atMs: number, signal: AbortSignal): Promise<void>
  readonly rules: readonly RuleStatus[]
  readonly lastEvaluationMs: number | undefined
  readonly durationMs: number
  /** Of each rule, what it wrote last, by labelKey(): what is missing after the next evaluation has ended. */
  readonly written: readonly ReadonlyMap<string, LabelSet>[]
}

export interface GroupRunnerDependencies extends RuleContext {
  readonly append: AppendSamples
  readonly notify: (notifications: readonly AlertNotification[]) => void
  readonly clock: Clock
  readonly log: Log
  /** Called after each rule. */
  readonly onEvaluated?: (group: RuleGroup, failed: boolean) => void
}

/**
 * Evaluates one group; when to do so is the scheduler's business.
 * @param before what evaluated the group until its definition changed; rules that are in both keep their state
 */
export function createGroupRunner(
  group: RuleGroup,
  deps: GroupRunnerDependencies,
  before?: GroupRunner,
): GroupRunner {
  const { clock, log } = deps
  const places = matchRules(before?.group.rules ?? [], group.rules)
  const statuses: RuleStatus[] = group.rules.map((definition, i) => ({
    rule:
      definition.kind === 'alerting'
        ? createAlertingRule(definition, group, deps, before?.rules[places[i] ?? -1]?.rule.heritage)
        : createRecordingRule(definition, group.limit, deps),
    health: 'unknown',
    lastError: undefined,
    lastEvaluationMs: undefined,
    durationMs: 0,
  }))
  const written = places.map((place) => before?.written[place ?? -1] ?? new Map<string, LabelSet>())
  let lastEvaluationMs = before?.lastEvaluationMs
  let durationMs = before?.durationMs ?? 0

  const evaluateRule = async (index: number, atMs: number, signal: AbortSignal): Promise<void> => {
    const { rule } = statuses[index]!
    const sampleMs = atMs - group.queryOffsetMs
    const samples = await rule.evaluate(atMs, sampleMs, signal)
    const notifications = rule.takeNotifications(atMs)
    if (notifications.length > 0) deps.notify(notifications)
    written[index] = await store(samples, written[index]!, sampleMs)
  }

  const store = async (
    samples: readonly VectorSample[],
    before: ReadonlyMap<string, LabelSet>,
    sampleMs: number,
  ): Promise<Map<string, LabelSet>> => {
    const after = new Map(samples.map(({ labels }) => [labelKey(labels), labels]))
    const ended = [...before].filter(([key]) => !after.has(key)).map(([, labels]) => labels)
    const count = samples.length + ended.length
    if (count === 0) return after
    const values = new Float64Array(count)
    for (const [i, { value }] of samples.entries()) values[i] = value
    for (let i = samples.length; i < count; i++) setStale(values, i)
    await deps.append(sampleMs, [...samples.map(({ labels }) => labels), ...ended], values)
    return after
  }

  return {
    group,
    async evaluate(atMs, signal) {
      const isStopping = (): boolean => signal.aborted
      const started = clock.monotonic()
      for (const [i, status] of statuses.entries()) {
        if (isStopping()) return
        const ruleStarted = clock.monotonic()
        let lastError: string | undefined
        try {
          await evaluateRule(i, atMs, signal)
        } catch (error) {
          // Stopping is no failure of the rule.
          if (isStopping()) return
          lastError = messageOf(error)
          log.warn(
            {
              group: group.name,
              rule: status.rule.definition.name,
              code: error instanceof PgherdError ? error.code : 'INTERNAL',
              err: error,
            },
            'a rule could not be evaluated',
          )
        }
        statuses[i] = {
          rule: status.rule,
          health: lastError === undefined ? 'ok' : 'err',
          lastError,
          lastEvaluationMs: atMs,
          durationMs: clock.monotonic() - ruleStarted,
        }
        deps.onEvaluated?.(group, lastError !== undefined)
      }
      lastEvaluationMs = atMs
      durationMs = clock.monotonic() - started
    },
    get rules() {
      return statuses
    },
    written,
    get lastEvaluationMs() {
      return lastEvaluationMs
    },
    get durationMs() {
      return durationMs
    },
  }
}
