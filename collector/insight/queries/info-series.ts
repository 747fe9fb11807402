import type { Clock } from '../../../common/clock.ts'
import { messageOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { labelKey, labelSet, labelValue } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { setStale } from '../../../common/series/stale.ts'
import type { AskSamples } from '../ask-samples.ts'
import { otherStatements } from './selection.ts'
import type { StatementTexts } from './statement-texts.ts'
import type { Place, WatchedQueries } from './regressions/watched-queries.ts'
import type { QueryRegression } from '../../../common/insight/queries-view.ts'

export interface InfoSeriesOptions {
  readonly store: AskSamples
  readonly texts: Pick<StatementTexts, 'textOf'>
  readonly watched: Pick<WatchedQueries, 'regressions'>
  /** One sample per series, all of one moment in milliseconds. */
  readonly append: (timestampMs: number, series: readonly LabelSet[], values: Float64Array) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

export interface InfoSeries {
  write(signal: AbortSignal): Promise<void>
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/** The metrics that are written; boards and rules name them. */
export const infoMetrics = {
  /** 1, with the beginning of the text of each statement that has series, for boards to put beside it. */
  info: 'pg_query_info',
  /** What a call takes or does, by what it took or did in the week before; for statements that have become worse. */
  ratio: 'pgherd_query_regression_ratio',
  /** Since when, milliseconds since the epoch. */
  since: 'pgherd_query_regression_time_ms',
} as const

const everyMs = 10_000
/** A label is no place for a page of SQL; `agentctl queries show` and the API have all of it. */
const longestText = 200
const withoutText = 'not told yet'
const textOfOthers = 'all other statements'

/** Writes into the store what boards and rules need to know of statements beside what agents count. */
export function createInfoSeries(options: InfoSeriesOptions): InfoSeries {
  const { store, texts, watched, append, clock, log } = options
  let before = new Map<string, LabelSet>()
  let isFailing = false

  const info = (labels: LabelSet): LabelSet => {
    const [cluster, datname, query] = ['cls', 'datname', 'query'].map((name) => labelValue(labels, name)) as [
      string,
      string,
      string,
    ]
    const known = query === otherStatements ? textOfOthers : texts.textOf({ cluster, datname, query })
    const text = shortened(known ?? withoutText)
    return labelSet({ __name__: infoMetrics.info, cls: cluster, datname, query, text })
  }
  const write = async (signal: AbortSignal): Promise<void> => {
    const nowMs = clock.now()
    const running = await store.vector('group by (cls, datname, query) (pg_query_calls)', nowMs, signal)
    const samples = [
      ...running.map(({ labels }) => ({ labels: info(labels), value: 1 })),
      ...watched.regressions().flatMap(regressionSamples),
    ]
    const now = new Map(samples.map(({ labels }) => [labelKey(labels), labels]))
    // Two texts of one statement would match it twice, so that what is over ends at once.
    const ended = [...before].filter(([key]) => !now.has(key)).map(([, labels]) => labels)
    const values = new Float64Array(samples.length + ended.length)
    samples.forEach(({ value }, i) => (values[i] = value))
    ended.forEach((_, i) => setStale(values, samples.length + i))
    if (values.length > 0) await append(nowMs, [...samples.map(({ labels }) => labels), ...ended], values)
    before = now
  }
  const report = (error: unknown, signal: AbortSignal): void => {
    if (!isFailing && !signal.aborted) {
      log.warn({ error: messageOf(error) }, 'queries: texts for boards could not be stored')
    }
    isFailing = true
  }
  return {
    write,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await write(signal)
          isFailing = false
        } catch (error) {
          report(error, signal)
        }
        await clock.sleep(everyMs, signal)
      }
    },
  }
}

function regressionSamples(
  found: Place & QueryRegression,
): readonly { readonly labels: LabelSet; readonly value: number }[] {
  const { cluster, server, datname, query, what, before, after, sinceMs } = found
  const labels = { cls: cluster, ins: server, datname, query, what }
  return [
    {
      labels: labelSet({ __name__: infoMetrics.ratio, ...labels }),
      value: before > 0 ? after / before : Infinity,
    },
    { labels: labelSet({ __name__: infoMetrics.since, ...labels }), value: sinceMs },
  ]
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return (line.length > longestText ? `${line.slice(0, longestText - 1)}…` : line).toWellFormed()
}
