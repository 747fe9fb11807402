import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { labelKey } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { setStale } from '../../common/series/stale.ts'
import type { GroupRunner } from './group-runner.ts'
import type { AppendSamples } from './rule-types.ts'

/** A series without samples is no longer found after this time in any case. */
const lookbackMs = 300_000

export interface FormerSeries {
  /** Stores what rules found; series that are among it have been taken over. */
  readonly append: AppendSamples
  /**
   * Ends, with stale markers, what a group wrote that is evaluated no more and what nothing else writes two of its
   * intervals later (Prometheus rules/group.go: run waits as long). By then a group under a new name, or a rule that
   * was moved to another one, has gone on with its series, and has read from them since when its alerts are active.
   * @param others what is evaluated now
   */
  end(runner: GroupRunner, others: readonly GroupRunner[]): void
  /** Resolves when nothing waits to be ended. */
  settled(): Promise<void>
}

export function createFormerSeries(options: {
  readonly append: AppendSamples
  readonly clock: Clock
  readonly log: Log
  /** Ends the waiting at once. */
  readonly stopping: AbortSignal
}): FormerSeries {
  const { clock } = options
  /** By labelKey(). */
  const waiting = new Map<Map<string, LabelSet>, Promise<void>>()

  const endLater = async (series: Map<string, LabelSet>, { group, lastEvaluationMs }: GroupRunner) => {
    const afterLastMs = lastEvaluationMs === undefined ? -Infinity : lastEvaluationMs + 1
    const endMs = Math.max(clock.now(), afterLastMs) - group.queryOffsetMs
    await clock.sleep(Math.min(2 * group.intervalMs, lookbackMs), options.stopping)
    waiting.delete(series)
    if (series.size === 0) return
    const values = new Float64Array(series.size)
    for (let i = 0; i < values.length; i++) setStale(values, i)
    await options.append(endMs, [...series.values()], values)
  }

  return {
    async append(timestampMs, series, values) {
      await options.append(timestampMs, series, values)
      for (const former of waiting.keys()) for (const labels of series) former.delete(labelKey(labels))
    },
    end(runner, others) {
      const series = new Map(runner.written.flatMap((ofRule) => [...ofRule]))
      for (const { written } of others) {
        for (const ofRule of written) for (const key of ofRule.keys()) series.delete(key)
      }
      if (series.size === 0) return
      const ending = endLater(series, runner).catch((error: unknown) =>
        options.log.warn(
          { group: runner.group.name, err: error },
          'series of former rules could not be ended',
        ),
      )
      waiting.set(series, ending)
    },
    async settled() {
      await Promise.all(waiting.values())
    },
  }
}
