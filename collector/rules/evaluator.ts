import { isDeepStrictEqual } from 'node:util'
import type { Registry } from 'prom-client'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { createFormerSeries } from './former-series.ts'
import { startGroupLoop } from './group-loop.ts'
import type { GroupLoop } from './group-loop.ts'
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
  /**
   * Evaluates these groups from now on. One that did not change goes on undisturbed, in a changed one the rules that are
   * in both keep their state; evaluations under way end first. Firing alerts of rules that are no longer there are not
   * told again, as in Prometheus: they end at Alertmanager at the time that they were last told with. One call at a time.
   */
  replace(groups: readonly RuleGroup[]): Promise<void>
  rules(): readonly RuleGroupView[]
  /** All pending and firing alerts. */
  alerts(): readonly AlertView[]
}

interface Active {
  readonly runner: GroupRunner
  /** Undefined until the evaluator is started. */
  loop: GroupLoop | undefined
}

/** Evaluates rules until it is disposed of; then it waits for the evaluations that run. */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { clock, log } = options
  const metrics = createRuleMetrics(options.registry)
  const stopping = new AbortController()
  /** By keyOf() of the group, in the order of the files once the last change is complete. */
  let active = new Map<string, Active>()
  const former = createFormerSeries({ append: options.append, clock, log, stopping: stopping.signal })
  let isStarted = false
  let changing: Promise<unknown> = Promise.resolve()

  const begin = (group: RuleGroup, before?: GroupRunner): void => {
    const runner = createGroupRunner(
      group,
      {
        query: options.query,
        append: former.append,
        select: options.select,
        notify: options.notify,
        clock,
        log,
        externalUrl: options.externalUrl ?? '',
        externalLabels: options.externalLabels ?? {},
        resendDelayMs: options.resendDelayMs ?? 60_000,
        onEvaluated: (evaluated, failed) => metrics.countEvaluation(evaluated, failed),
      },
      before,
    )
    const isRunning = isStarted && !stopping.signal.aborted
    active.set(keyOf(group), { runner, loop: isRunning ? startLoop(runner) : undefined })
  }

  const startLoop = (runner: GroupRunner): GroupLoop =>
    startGroupLoop(runner, { clock, log, metrics, stopping: stopping.signal })

  const runners = (): readonly GroupRunner[] => [...active.values()].map(({ runner }) => runner)

  const change = async (group: RuleGroup): Promise<void> => {
    const before = active.get(keyOf(group))
    if (before !== undefined && isDeepStrictEqual(before.runner.group, group)) return
    await before?.loop?.end()
    begin(group, before?.runner)
    if (before !== undefined) former.end(before.runner, runners())
  }

  const remove = async ({ runner, loop }: Active): Promise<void> => {
    await loop?.end()
    active.delete(keyOf(runner.group))
    former.end(runner, runners())
  }

  for (const group of options.groups) begin(group)
  return {
    start() {
      isStarted = true
      for (const one of active.values()) one.loop = startLoop(one.runner)
    },
    async replace(groups) {
      const keys = new Set(groups.map(keyOf))
      const gone = [...active].filter(([key]) => !keys.has(key)).map(([, one]) => one)
      changing = Promise.all([...groups.map(change), ...gone.map(remove)])
      await changing
      active = new Map([...keys].map((key) => [key, active.get(key)!]))
      const names = new Set(groups.map(({ name }) => name))
      for (const { runner } of gone) if (!names.has(runner.group.name)) metrics.forget(runner.group)
    },
    rules: () => runners().map(groupView),
    alerts: () => runners().flatMap(({ rules }) => rules.flatMap(({ rule }) => alertViews(rule.alerts))),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all([...active.values()].map(async ({ loop }) => loop?.end()))
      await Promise.allSettled([changing])
      await former.settled()
    },
  }
}

/** Names need not be unique across files. */
function keyOf({ file, name }: RuleGroup): string {
  return JSON.stringify([file, name])
}
