import type { Matcher } from '../../common/series/matcher.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import type { SelectLimits } from '../../common/series/select-limits.ts'

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
    limits?: SelectLimits,
  ): Promise<SeriesSamples[]>
}
