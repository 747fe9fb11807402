import { setStale } from '../../common/series/stale.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { Batch } from './batch.ts'
import { createSeriesCache } from './series-cache.ts'
import type { Series } from './series-cache.ts'
import type { SeriesBudget } from './series-budget.ts'

/** Builds the batches of one source, one after the other. */
export interface BatchWriter {
  /**
   * Adds samples to the batch in progress. Of two samples of a series the first stays; returns how many came.
   * @param limited by the budget of series; true unless told
   */
  add(table: SampleTable, limited?: boolean): number
  /**
   * The batch: what was added, and a stale marker for each series of the previous batch that was not. The
   * next one starts empty, so a batch without any `add` ends everything.
   */
  finish(timestampMs: number): Batch
  /** Samples left out so far because their series had one already. */
  readonly duplicates: number
  /** Samples of the batch in progress left out because their series would be one too many. */
  readonly refused: number
  /** See `SeriesCache`. */
  largest(count: number): readonly { readonly metrics: string; readonly series: number }[]
}

/**
 * How many batches a vanished series is remembered for, so that one that flaps is not built anew each time; not at all
 * while others are refused for want of room.
 */
const rememberRounds = 64

/** @param identity labels of all series of the source */
export function createBatchWriter(
  identity: Readonly<Record<string, string>>,
  budget?: SeriesBudget,
): BatchWriter {
  const cache = createSeriesCache(identity, budget)
  let round = 1
  let previous: Series[] = []
  let current: Series[] = []
  let values: number[] = []
  let duplicates = 0
  let refused = 0

  return {
    largest: (count) => cache.largest(count),
    get refused() {
      return refused
    },
    get duplicates() {
      return duplicates
    },
    add(table, limited = true) {
      const before = current.length
      refused += cache.resolve(table, round, limited, (series, value) => {
        if (series.seen === round) {
          duplicates++
          return
        }
        series.seen = round
        current.push(series)
        values.push(value)
      })
      return current.length - before
    },
    finish(timestampMs) {
      const ended = previous.filter(({ seen }) => seen !== round)
      const out = new Float64Array(current.length + ended.length)
      out.set(values)
      for (let i = current.length; i < out.length; i++) setStale(out, i)
      const series: LabelSet[] = []
      for (const { labels } of current) series.push(labels)
      for (const { labels } of ended) series.push(labels)
      previous = current
      current = []
      values = []
      refused = 0
      round++
      if (budget?.isSpent === true) cache.evict(round - 1)
      else if (round % rememberRounds === 0) cache.evict(round - rememberRounds)
      return { timestampMs, series, values: out }
    },
  }
}
