import { labelKey } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { VectorSelector } from '../syntax/ast.ts'
import type { Query, SelectedRange } from './query.ts'
import { sortedByLabels } from './select-cache.ts'

/** The series that pass any of a selector's lists of matchers, sorted by labels. */
export async function selectSeries(
  { matchers, orMatchers }: VectorSelector,
  range: SelectedRange,
  query: Query,
): Promise<readonly SeriesSamples[]> {
  const first = query.select(matchers, range)
  if (orMatchers.length === 0) return first
  const all = [await first]
  for (const list of orMatchers) all.push(await query.select(list, range))
  const known = new Map<string, SeriesSamples>()
  for (const series of all.flat()) known.set(labelKey(series.labels), series)
  return sortedByLabels([...known.values()], query.pacer)
}
