import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { GroupRunner } from './group-runner.ts'
import type { RuleMetrics } from './rule-metrics.ts'
import { gridOf, nextSlot, slotAfter } from './schedule.ts'

export interface GroupLoop {
  /** No further evaluation begins; resolves when the one under way, if any, has ended. */
  end(): Promise<void>
}

export interface GroupLoopDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: RuleMetrics
  /** Cancels the evaluation under way. */
  readonly stopping: AbortSignal
}

/** Evaluates a group at every moment of its grid after the last at which it was. */
export function startGroupLoop(runner: GroupRunner, deps: GroupLoopDependencies): GroupLoop {
  const { clock, log, metrics, stopping } = deps
  const ending = new AbortController()

  const run = async (): Promise<void> => {
    const grid = gridOf(runner.group)
    const { lastEvaluationMs } = runner
    let slotMs =
      lastEvaluationMs === undefined
        ? nextSlot(grid, clock.now())
        : slotAfter(grid, lastEvaluationMs, clock.now()).slotMs
    for (;;) {
      await clock.sleep(Math.max(0, slotMs - clock.now()), ending.signal)
      if (ending.signal.aborted) return
      await runner.evaluate(slotMs, stopping)
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

  const running = run()
  return {
    end() {
      ending.abort()
      return running
    },
  }
}
