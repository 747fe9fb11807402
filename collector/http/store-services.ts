import type { SeriesSamples } from '../../common/series/samples.ts'
import type { Selectors } from './query-language.ts'

/** What operators do with a store; absent parts are answered with NOT_SUPPORTED. Times are milliseconds. */
export interface StoreAdministration {
  /**
   * A series at a time, in one or more pieces, each sorted by time: memory stays bounded. Ends with CANCELLED
   * when the signal aborts.
   */
  exportSeries(
    selectors: Selectors,
    fromMs: number,
    toMs: number,
    signal?: AbortSignal,
  ): AsyncIterable<SeriesSamples>
  /** Durable when it resolves. @returns the count of series; undefined when the store does not tell */
  deleteSeries(selectors: Selectors): Promise<number | undefined>
  createSnapshot(): Promise<Snapshot>
  listSnapshots(): Promise<readonly Snapshot[]>
  /** @throws PgherdError NOT_FOUND */
  deleteSnapshot(name: string): Promise<void>
  /** Merges and frees space now; left out where the store cannot be told to. */
  maintain?(): Promise<void>
}

export interface Snapshot {
  readonly name: string
}

export interface SeriesCardinality {
  /** Lists are sorted, the largest first, and cut to `top`; without a range the series that are active now. */
  cardinality(options: {
    readonly top: number
    readonly selectors: Selectors
    readonly range?: { readonly fromMs: number; readonly toMs: number }
    readonly focusLabel?: string
  }): Promise<Cardinality>
}

export interface Cardinality {
  readonly totalSeries: number
  readonly totalLabelValuePairs: number
  readonly seriesCountByMetricName: readonly NamedCount[]
  readonly seriesCountByLabelName: readonly NamedCount[]
  readonly seriesCountByFocusLabelValue: readonly NamedCount[]
  readonly seriesCountByLabelValuePair: readonly NamedCount[]
  readonly labelValueCountByLabelName: readonly NamedCount[]
  readonly memoryInBytesByLabelName: readonly NamedCount[]
}

export interface NamedCount {
  readonly name: string
  readonly value: number
}

/** The collector about itself, for the status routes. */
export interface AboutCollector {
  readonly startedMs: number
  readonly directory: string
  /** Options and their values in effect, as text; no secrets. */
  readonly options: Readonly<Record<string, string>>
  readonly retention: string
  readonly alertmanagers: readonly string[]
  store(): {
    readonly corruptions: number
    readonly minTimeMs: number | undefined
    readonly maxTimeMs: number | undefined
  }
}
