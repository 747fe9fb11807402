import { setStale } from '../../common/series/stale.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { Batch } from './batch.ts'
import { createSeriesCache } from './series-cache.ts'
import type { Series } from './series-cache.ts'

/** Builds the batches of one source, one after the other. */
export interface BatchWriter {
  /** Adds samples to the batch in progress. Of two samples of a series the first stays; returns how many came. */
  add(table: SampleTable): number
  /**
   * The batch: what was added, and a stale marker for each series of the previous batch that was not. The
   * next one starts empty, so a batch without any `add` ends everything.
   */
  finish(timestampMs: number): Batch
  /** Samples left out so far because their series had one already. */
  readonly duplicates: number
}

/** How many batches a vanished series is remembered for, so that one that flaps is not built anew each time. */
const rememberRounds = 64

/** @param identity labels of all series of the source */
export function createBatchWriter(identity: Readonly<Record<string, string>>): BatchWriter {
  const cache = createSeriesCache(identity)
  let round = 1
  let previous: Series[] = []
  let current: Series[] = []
  let values: number[] = []
  let duplicates = 0

  return {
    get duplicates() {
      return duplicates
    },
    add(table) {
      const before = current.length
      cache.resolve(table, round, (series, value) => {
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
      round++
      if (round % rememberRounds === 0) cache.evict(round - rememberRounds)
      return { timestampMs, series, values: out }
    },
  }
}
