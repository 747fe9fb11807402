import { PgherdError } from '../../../common/errors.ts'
import { metricNameLabel } from '../../../common/series/label-set.ts'
import type { Cardinality, NamedCount, SeriesCardinality } from '../../../common/store-administration.ts'
import type { SeriesColumns } from './index/series-columns.ts'
import { createSeriesUnion } from './index/series-union.ts'
import { createLargestCounts } from './largest-counts.ts'
import { createPace } from './pace.ts'
import type { Pace } from './pace.ts'
import { matching, visitSources } from './scope.ts'
import type { Candidates, Scope } from './scope.ts'
import type { StoreState } from './state.ts'

type Options = Parameters<SeriesCardinality['cardinality']>[0]

const refsPerLook = 64
/** Bounds the memory for telling the series of several blocks apart, about 150 bytes for each. */
const mostSeries = 10_000_000

/**
 * SeriesCardinality.cardinality for the embedded store. Exact: every series in question is looked at once, which takes
 * about a second for a million, in turns with other work. Memory follows the number of different label values.
 * @throws PgherdError QUERY_INVALID, QUERY_LIMIT
 */
export async function countCardinality(state: StoreState, options: Options): Promise<Cardinality> {
  const range = options.range ?? headRange(state)
  const scope: Scope = {
    selectors: options.selectors,
    ...range,
    limits: {},
    headOnly: options.range === undefined,
  }
  let counts = createCounts()
  await visitSources(state, scope, (sources) => {
    counts = createCounts()
    // A series that two sources have is counted once; those of one source are different anyway.
    const seen = createSeen(sources.length > 1)
    return async (candidates) => {
      await countSource(state, scope, candidates, counts, seen)
    }
  })
  return await summarize(counts, options, createPace(state.options.clock))
}

function headRange({ windows }: StoreState): { fromMs: number; toMs: number } {
  return {
    fromMs: Math.min(...windows.map(({ identity }) => identity.startMs)),
    toMs: Math.max(...windows.map(({ identity }) => identity.startMs + identity.windowMs)),
  }
}

/** Series by label name, and within it by value; and by metric. */
interface Counts {
  series: number
  pairs: number
  readonly byLabel: Map<string, Map<string, number>>
}

function createCounts(): Counts {
  return { series: 0, pairs: 0, byLabel: new Map() }
}

/** Whether a series comes for the first time. */
type IsFirst = (table: SeriesColumns, ref: number) => boolean

/** Series of one source are different; only where there are more must they be told apart, which takes memory. */
function createSeen(isNeeded: boolean): IsFirst {
  if (!isNeeded) return () => true
  const union = createSeriesUnion()
  let count = 0
  return (table, ref) => {
    // The union counts up.
    if (union.idOf(table, ref) < count) return false
    if (++count <= mostSeries) return true
    throw new PgherdError(
      'QUERY_LIMIT',
      `more than ${mostSeries} series would have to be counted; narrow the selector or the time range`,
    )
  }
}

async function countSource(
  state: StoreState,
  scope: Scope,
  candidates: Candidates,
  counts: Counts,
  isFirst: IsFirst,
): Promise<void> {
  const { series, pace } = candidates
  const refs = await matching(state, candidates, scope.selectors)
  // By symbol first, which is cheaper than by text.
  const bySymbol = new Map<number, Map<number, number>>()
  for (let i = 0; i < refs.length; i++) {
    if (i % refsPerLook === 0 && pace.due()) await pace.rest()
    const ref = refs[i]!
    if (!candidates.isActive(ref) || !isFirst(series, ref)) continue
    counts.series++
    const { pool, starts } = series
    const end = starts[ref + 1]!
    for (let at = starts[ref]!; at < end; at += 2) {
      counts.pairs++
      let values = bySymbol.get(pool[at]!)
      if (values === undefined) bySymbol.set(pool[at]!, (values = new Map<number, number>()))
      values.set(pool[at + 1]!, (values.get(pool[at + 1]!) ?? 0) + 1)
    }
  }
  const { texts } = series.symbols
  for (const [name, values] of bySymbol) {
    const label = texts[name]!
    let known = counts.byLabel.get(label)
    if (known === undefined) counts.byLabel.set(label, (known = new Map<string, number>()))
    for (const [value, count] of values) {
      known.set(texts[value]!, (known.get(texts[value]!) ?? 0) + count)
      if (known.size % refsPerLook === 0 && pace.due()) await pace.rest()
    }
  }
}

async function summarize(counts: Counts, { top, focusLabel }: Options, pace: Pace): Promise<Cardinality> {
  const pairs = createLargestCounts(top)
  const labels = createLargestCounts(top)
  const values = createLargestCounts(top)
  const bytes = createLargestCounts(top)
  for (const [label, byValue] of counts.byLabel) {
    let series = 0
    let size = 0
    let looked = 0
    for (const [value, count] of byValue) {
      series += count
      size += Buffer.byteLength(value)
      if (pairs.takes(count)) pairs.add(`${label}=${value}`, count)
      if (++looked % refsPerLook === 0 && pace.due()) await pace.rest()
    }
    labels.add(label, series)
    values.add(label, byValue.size)
    bytes.add(label, size)
  }
  const topOf = async (label: string): Promise<NamedCount[]> => {
    const best = createLargestCounts(top)
    let looked = 0
    for (const [value, count] of counts.byLabel.get(label) ?? []) {
      if (best.takes(count)) best.add(value, count)
      if (++looked % refsPerLook === 0 && pace.due()) await pace.rest()
    }
    return best.list()
  }
  return {
    totalSeries: counts.series,
    totalLabelValuePairs: counts.pairs,
    seriesCountByMetricName: await topOf(metricNameLabel),
    seriesCountByLabelName: labels.list(),
    seriesCountByFocusLabelValue: focusLabel === undefined ? [] : await topOf(focusLabel),
    seriesCountByLabelValuePair: pairs.list(),
    labelValueCountByLabelName: values.list(),
    memoryInBytesByLabelName: bytes.list(),
  }
}
