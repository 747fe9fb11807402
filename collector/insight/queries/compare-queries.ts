import type {
  CompareRequest,
  ComparedQueries,
  QueryFigures,
  TimeSpan,
} from '../../../common/insight/queries-view.ts'
import { findCandidates } from './candidates.ts'
import { figuresOf } from './figures.ts'
import { readCounters, stepsOf } from './read-counters.ts'
import { matchersOf, oneOf } from './selection.ts'
import { measureOf } from './sort-figures.ts'
import { keyOf } from './top-queries.ts'
import type { QuerySources } from './top-queries.ts'

/** Statements that were among the first of either range, those that changed most in front. */
export async function compareQueries(
  sources: QuerySources,
  request: CompareRequest,
  signal: AbortSignal,
): Promise<ComparedQueries> {
  const { before, after, sort, limit } = request
  const { store } = sources
  const matchers = matchersOf(request)
  const spans: readonly TimeSpan[] = [before, after]
  const firsts = await Promise.all(
    // The one that changed most need not be among the very first of either.
    spans.map((span) => findCandidates(store, { matchers, sort, limit: 2 * limit, ...span }, signal)),
  )
  const candidates = new Map(firsts.flat().map((one) => [keyOf(one), one]))
  if (candidates.size === 0) return { before, after, rows: [] }
  const queries = oneOf([...candidates.values()].map(({ query }) => query))
  const [earlier, later] = await Promise.all(
    spans.map(async (span) => {
      const steps = stepsOf(span, sources.leastStepMs)
      return Map.groupBy(await readCounters(store, { filter: request, queries, steps }, signal), keyOf)
    }),
  )
  const rows = [...candidates].map(([key, { cluster, datname, query }]) => ({
    cluster,
    datname,
    query,
    text: sources.textOf({ cluster, datname, query }) ?? null,
    before: figuresOf(earlier!.get(key) ?? []),
    after: figuresOf(later!.get(key) ?? []),
  }))
  const change = ({ before: one, after: other }: (typeof rows)[number]): number =>
    Math.abs(ratedMeasure(other, after, sort) - ratedMeasure(one, before, sort))
  return { before, after, rows: rows.sort((a, b) => change(b) - change(a)).slice(0, limit) }
}

/** What adds up is compared per second, so that ranges may differ in length. */
function ratedMeasure(
  figures: QueryFigures,
  { startMs, endMs }: TimeSpan,
  sort: CompareRequest['sort'],
): number {
  const measure = Math.max(0, measureOf(figures, sort))
  const isOfOneCall = sort === 'mean' || sort === 'p50' || sort === 'p95' || sort === 'p99'
  return isOfOneCall ? measure : measure / ((endMs - startMs) / 1000)
}
