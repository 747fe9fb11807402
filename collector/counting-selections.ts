import type { Matcher } from '../common/series/matcher.ts'
import type { SeriesSamples } from '../common/series/samples.ts'
import type { SelectLimits } from '../common/series/select-limits.ts'

interface Selects {
  select(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
    limits?: SelectLimits,
  ): Promise<SeriesSamples[]>
}

/** The same store for one query, which counts what the query has read. */
export function countingSelections(
  store: Selects,
): Selects & { readonly fetched: { readonly series: number; readonly samples: number } } {
  const fetched = { series: 0, samples: 0 }
  return {
    fetched,
    async select(matchers, fromMs, toMs, limits) {
      const selected = await store.select(matchers, fromMs, toMs, limits)
      fetched.series += selected.length
      fetched.samples += samplesIn(selected)
      return selected
    },
  }
}

/** By index: in a function that awaits, an iterator makes an object for each. */
function samplesIn(series: readonly SeriesSamples[]): number {
  let count = 0
  for (let i = 0; i < series.length; i++) count += series[i]!.timestamps.length
  return count
}
