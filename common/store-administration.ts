import type { Matcher } from './series/matcher.ts'
import type { SeriesSamples } from './series/samples.ts'

type Selectors = readonly (readonly Matcher[])[]

/** What operators do with a store beside writing and asking. */
export interface StoreAdministration {
  /**
   * Samples of every series that any of the selectors matches, a series at a time in one or more pieces, each
   * sorted by time: memory stays bounded whatever is asked for. Times are milliseconds, both ends included.
   * Ends with CANCELLED when the signal aborts.
   */
  exportSeries(
    selectors: Selectors,
    fromMs: number,
    toMs: number,
    signal?: AbortSignal,
  ): AsyncIterable<SeriesSamples>
  /**
   * Deletes every sample of the series that any of the selectors matches; durable when the promise resolves. A
   * series of the same labels that is written afterwards is kept.
   * @returns the count of series; undefined when the store does not tell
   */
  deleteSeries(selectors: Selectors): Promise<number | undefined>
  /** A copy of everything acknowledged so far, made while the store goes on, under a directory of the store. */
  createSnapshot(): Promise<Snapshot>
  listSnapshots(): Promise<readonly Snapshot[]>
  /** @throws PgherdError NOT_FOUND */
  deleteSnapshot(name: string): Promise<void>
  /**
   * Does now what the store otherwise does by itself in time: seals, merges, and frees the space of what was deleted.
   * Left out where that is not for us to do.
   */
  maintain?(): Promise<void>
}

export interface Snapshot {
  readonly name: string
  readonly path: string
  readonly createdMs: number
  readonly bytes: number
}

/** Where series come from: what status/tsdb shows. Lists are sorted, the largest first, and cut to `top`. */
export interface SeriesCardinality {
  cardinality(options: {
    readonly top: number
    /** Only series that any of these match; all when there is none. */
    readonly selectors: Selectors
    /** Only series with samples in the range; the head's when it is left out. */
    readonly range?: { readonly fromMs: number; readonly toMs: number }
    /** A label whose values are counted as well. */
    readonly focusLabel?: string
  }): Promise<Cardinality>
}

export interface Cardinality {
  readonly totalSeries: number
  readonly totalLabelValuePairs: number
  readonly seriesCountByMetricName: readonly NamedCount[]
  readonly seriesCountByLabelName: readonly NamedCount[]
  readonly seriesCountByFocusLabelValue: readonly NamedCount[]
  /** Names are `label=value`. */
  readonly seriesCountByLabelValuePair: readonly NamedCount[]
  readonly labelValueCountByLabelName: readonly NamedCount[]
  /** Bytes of label values by label name. */
  readonly memoryInBytesByLabelName: readonly NamedCount[]
}

export interface NamedCount {
  readonly name: string
  readonly value: number
}
