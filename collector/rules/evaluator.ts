import type { Registry } from 'prom-client'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { createGroupRunner } from './group-runner.ts'
import type { GroupRunner } from './group-runner.ts'
import { createRuleMetrics } from './rule-metrics.ts'
import type {
  AlertNotification,
  AppendSamples,
  InstantQuery,
  RuleGroup,
  SelectSamples,
} from './rule-types.ts'
import { gridOf, nextSlot, slotAfter } from './schedule.ts'
import { alertViews, groupView } from './views.ts'
import type { AlertView, RuleGroupView } from './views.ts'

export interface EvaluatorOptions {
  readonly groups: readonly RuleGroup[]
  readonly query: InstantQuery
  readonly append: AppendSamples
  readonly select: SelectSamples
  /** Must not block: sending is somebody else's time. */
  readonly notify: (notifications: readonly AlertNotification[]) => void
  readonly clock: Clock
  readonly log: Log
  readonly registry: Registry
  /** Where people reach the collector, for links in alerts. */
  readonly externalUrl?: string
  readonly externalLabels?: Readonly<Record<string, string>>
  /** A firing alert is told again after this time; a minute unless told. */
  readonly resendDelayMs?: number
}

export interface Evaluator extends AsyncDisposable {
  /** Begins to evaluate every group on its grid. */
  start(): void
  rules(): readonly RuleGroupView[]
  /** All pending and firing alerts. */
  alerts(): readonly AlertView[]
}

/** Evaluates rules until it is disposed of; then it waits for the evaluations that run. */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { clock, log } = options
  const metrics = createRuleMetrics(options.registry)
  const runners = options.groups.map((group) =>
    createGroupRunner(group, {
      query: options.query,
      append: options.append,
      select: options.select,
      notify: options.notify,
      clock,
      log,
      externalUrl: options.externalUrl ?? '',
      externalLabels: options.externalLabels ?? {},
      resendDelayMs: options.resendDelayMs ?? 60_000,
      onEvaluated: (evaluated, failed) => metrics.countEvaluation(evaluated, failed),
    }),
  )
  const stopping = new AbortController()
  const loops: Promise<void>[] = []

  const run = async (runner: GroupRunner): Promise<void> => {
    const grid = gridOf(runner.group)
    let slotMs = nextSlot(grid, clock.now())
    for (;;) {
      await clock.sleep(Math.max(0, slotMs - clock.now()), stopping.signal)
      if (stopping.signal.aborted) return
      await runner.evaluate(slotMs, stopping.signal)
      metrics.observeGroup(runner.group, runner.durationMs)
      const next = slotAfter(grid, slotMs, clock.now())
      if (next.missed > 0) {
        metrics.countMissed(runner.group, next.missed)
        log.warn(
          { group: runner.group.name, missed: next.missed, intervalMs: runner.group.intervalMs },
          'evaluations were missed because the one before took longer than the interval',
        )
      }
      slotMs = next.slotMs
    }
  }

  return {
    start: () => void loops.push(...runners.map(run)),
    rules: () => runners.map(groupView),
    alerts: () => runners.flatMap(({ rules }) => rules.flatMap(({ rule }) => alertViews(rule.alerts))),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}
