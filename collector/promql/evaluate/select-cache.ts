import { compareLabelSets } from '../../../common/series/label-set.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SampleMemory, SeriesSamples } from '../../../common/series/samples.ts'
import { sortPaced } from '../../../common/sort-paced.ts'
import type { Queryable } from '../queryable.ts'
import type { Pacer } from './pacer.ts'
import { tooManySamples } from './query.ts'
import type { SelectedRange } from './query.ts'

export interface SelectOptions {
  readonly signal: AbortSignal
  readonly maxSeries: number
  /** Of the whole query, all selections together. */
  readonly maxSamples: number
  readonly reserve: ((bytes: number) => void) | undefined
  readonly memory: SampleMemory
}

/** Selects each selector and range once per query, and sorts what comes back by labels. */
export function createSelectCache(
  queryable: Queryable,
  limits: SelectOptions,
  pacer: Pacer,
): (matchers: readonly Matcher[], range: SelectedRange) => Promise<readonly SeriesSamples[]> {
  const known = new Map<string, Promise<readonly SeriesSamples[]>>()
  const { maxSamples } = limits
  let loaded = 0
  const select = async (
    matchers: readonly Matcher[],
    { fromMs, toMs, newestOnly }: SelectedRange,
  ): Promise<SeriesSamples[]> => {
    const series = await queryable.select(matchers, fromMs, toMs, { ...limits, newestOnly })
    loaded += samplesIn(series)
    if (loaded > maxSamples) throw tooManySamples(maxSamples)
    return isSorted(series) ? series : await sortedByLabels(series, pacer)
  }
  return (matchers, range) => {
    const key = `${range.fromMs} ${range.toMs} ${range.newestOnly} ${textOf(matchers)}`
    let selection = known.get(key)
    if (selection === undefined) {
      selection = select(matchers, range)
      known.set(key, selection)
      // A query that fails elsewhere never looks at this one, whose failure must not end the process.
      selection.catch(() => undefined)
    }
    return selection
  }
}

/** By the lists of parsed expressions, which stay the same from query to query. */
const texts = new WeakMap<readonly Matcher[], string>()

function textOf(matchers: readonly Matcher[]): string {
  const known = texts.get(matchers)
  if (known !== undefined) return known
  const text = JSON.stringify(matchers)
  texts.set(matchers, text)
  return text
}

function samplesIn(series: readonly SeriesSamples[]): number {
  let count = 0
  for (let i = 0; i < series.length; i++) count += series[i]!.values.length
  return count
}

function isSorted(series: readonly SeriesSamples[]): boolean {
  for (let i = 1; i < series.length; i++) {
    if (compareLabelSets(series[i - 1]!.labels, series[i]!.labels) > 0) return false
  }
  return true
}

/** A sorted copy. */
export function sortedByLabels(series: readonly SeriesSamples[], pacer: Pacer): Promise<SeriesSamples[]> {
  const slices = { due: () => pacer.due(), rest: () => pacer.pause() }
  return sortPaced(series, (a, b) => compareLabelSets(a.labels, b.labels), slices)
}
