import type { Clock } from '../../common/clock.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { setStale } from '../../common/series/stale.ts'
import type { GroupRunner } from './group-runner.ts'
import type { AppendSamples } from './rule-types.ts'

/** A series without samples is no longer found after this time in any case. */
const lookbackMs = 300_000

export interface EndedSeriesDependencies {
  readonly append: AppendSamples
  readonly clock: Clock
  /** Those that are evaluated now. */
  readonly runners: () => Iterable<GroupRunner>
  /** Ends the wait. */
  readonly stopping: AbortSignal
}

/**
 * Ends, with stale markers, what a group wrote that is evaluated no more and what no other group has taken over two
 * intervals later (Prometheus rules/group.go: run waits as long). By then a group under a new name, or a rule that was
 * moved to another one, has gone on with its series, and has read from them since when its alerts are active.
 * @throws whatever append does
 */
export async function endSeries(runner: GroupRunner, deps: EndedSeriesDependencies): Promise<void> {
  const { group, lastEvaluationMs, written } = runner
  const series = new Map(written.flatMap((ofRule) => [...ofRule]))
  withoutWritten(series, deps.runners())
  if (series.size === 0) return
  const afterLastMs = lastEvaluationMs === undefined ? -Infinity : lastEvaluationMs + 1
  const endMs = Math.max(deps.clock.now(), afterLastMs) - group.queryOffsetMs
  await deps.clock.sleep(Math.min(2 * group.intervalMs, lookbackMs), deps.stopping)
  withoutWritten(series, deps.runners())
  if (series.size === 0) return
  const values = new Float64Array(series.size)
  for (let i = 0; i < values.length; i++) setStale(values, i)
  await deps.append(endMs, [...series.values()], values)
}

function withoutWritten(series: Map<string, LabelSet>, runners: Iterable<GroupRunner>): void {
  for (const { written } of runners) {
    for (const ofRule of written) for (const key of ofRule.keys()) series.delete(key)
  }
}
