import { setStale } from '../../common/series/stale.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { Batch } from './batch.ts'
import { createSeriesCache } from './series-cache.ts'
import type { Series } from './series-cache.ts'
import type { SeriesBudget } from './series-budget.ts'

/** Builds the batches of one source, one after the other. */
export interface BatchWriter {
  /** The time of the batch to come; without it everything that is added is told. */
  begin(timestampMs: number): void
  /**
   * Adds samples to the batch in progress. Of two samples of a series the first stays; returns how many came. A table
   * that was there before, the very same object, is a result that is used again: its samples are told again only
   * after a minute, and its series go on in between.
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
 * How long a result that is used again is not told again: well below the five minutes for which Prometheus looks back, and
 * what was measured once is stored once instead of six times.
 */
const tellAgainMs = 60_000

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
  let previous = createSamples()
  let current = createSamples()
  /** The label sets of the latest batch, given again while they stay the same. */
  let labelSets: readonly LabelSet[] = []
  /** All series that go on, told in this batch or not. */
  let goingOn = createSamples()
  let wentOn = createSamples()
  const told = new WeakMap<SampleTable, { atMs: number; round: number }>()
  let timestampMs = Number.NaN
  let duplicates = 0
  let refused = 0

  const goOn = (series: Series): void => {
    if (series.seen === round) return
    series.seen = round
    push(goingOn, series, 0)
  }

  const keep = (series: Series, value: number): void => {
    if (series.seen === round) {
      duplicates++
      return
    }
    goOn(series)
    push(current, series, value)
  }

  /** Whether the samples of this very table are already where they should be. */
  const isToldAlready = (table: SampleTable): boolean => {
    const before = told.get(table)
    // One that was away for a round has ended in the meantime.
    if (before === undefined || before.round !== round - 1) return false
    const ageMs = timestampMs - before.atMs
    return ageMs >= 0 && ageMs < tellAgainMs
  }

  /** Those of the previous batch that the current one lacks. */
  const endedSeries = (): readonly Series[] => {
    const ended: Series[] = []
    for (let i = 0; i < wentOn.count; i++) {
      const series = wentOn.series[i]!
      if (series.seen !== round) ended.push(series)
    }
    return ended
  }

  const sameAsBefore = (): boolean => {
    if (current.count !== previous.count || labelSets.length !== current.count) return false
    for (let i = 0; i < current.count; i++) if (current.series[i] !== previous.series[i]) return false
    return true
  }

  return {
    largest: (count) => cache.largest(count),
    get refused() {
      return refused
    },
    get duplicates() {
      return duplicates
    },
    begin(nowMs) {
      timestampMs = nowMs
    },
    add(table, limited = true) {
      const before = goingOn.count
      const known = told.get(table)
      if (isToldAlready(table)) {
        known!.round = round
        cache.hold(table, round, goOn)
      } else {
        const left = cache.resolve(table, round, limited, keep)
        refused += left
        // What was refused is tried again as soon as there is room.
        const now = { atMs: left === 0 ? timestampMs : -Infinity, round }
        if (known === undefined) told.set(table, now)
        else Object.assign(known, now)
      }
      return goingOn.count - before
    },
    finish(atMs) {
      const { count } = current
      const ended = endedSeries()
      const values = new Float64Array(count + ended.length)
      values.set(current.values.subarray(0, count))
      for (let i = count; i < values.length; i++) setStale(values, i)
      if (ended.length > 0 || !sameAsBefore()) {
        const sets: LabelSet[] = new Array<LabelSet>(values.length)
        for (let i = 0; i < count; i++) sets[i] = current.series[i]!.labels
        for (let i = count; i < sets.length; i++) sets[i] = ended[i - count]!.labels
        labelSets = sets
      }
      ;[previous, current] = [current, previous]
      current.count = 0
      ;[wentOn, goingOn] = [goingOn, wentOn]
      goingOn.count = 0
      timestampMs = Number.NaN
      refused = 0
      round++
      if (budget?.isSpent === true) cache.evict(round - 1)
      else if (round % rememberRounds === 0) cache.evict(round - rememberRounds)
      return { timestampMs: atMs, series: labelSets, values }
    },
  }
}

/** Series with a value each; beyond `count` there may be others from before, because the memory is used again. */
interface Samples {
  readonly series: Series[]
  values: Float64Array
  count: number
}

function createSamples(): Samples {
  return { series: [], values: new Float64Array(256), count: 0 }
}

function push(samples: Samples, series: Series, value: number): void {
  const { count } = samples
  if (count === samples.values.length) {
    const larger = new Float64Array(2 * count)
    larger.set(samples.values)
    samples.values = larger
  }
  samples.series[count] = series
  samples.values[count] = value
  samples.count = count + 1
}
