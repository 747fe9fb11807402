import type { Matcher } from '../../common/series/matcher.ts'
import type { SampleMemory, SeriesSamples } from '../../common/series/samples.ts'

/** Where the engine gets its samples from; the collector's store is one. */
export interface Queryable {
  /**
   * Samples of every series that all matchers accept and that has any in the range, both ends included;
   * series in any order. Regular expressions are evaluated here. Rejects with QUERY_LIMIT beyond a limit.
   */
  select(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
    limits?: {
      signal?: AbortSignal
      maxSeries?: number
      maxSamples?: number
      /** Called before memory for samples is taken; what it throws ends the selection. */
      reserve?: ((bytes: number) => void) | undefined
      /** Where large arrays may be taken from: they are used again after the query. */
      memory?: SampleMemory
      /** Of each series only the newest sample in the range is looked at: older ones may be left out. */
      newestOnly?: boolean
    },
  ): Promise<SeriesSamples[]>
}
