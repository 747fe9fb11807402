import type {
  FoundQueries,
  OneQuery,
  QueryFilter,
  QueryRegression,
  TimeSpan,
} from '../../../common/insight/queries-view.ts'
import type { Candidate } from './candidates.ts'
import { findTotals } from './candidates.ts'
import { figuresOf, momentsAt } from './figures.ts'
import { percentileOf } from './percentiles-of.ts'
import { readCounters, stepsOf } from './read-counters.ts'
import type { CountedQuery, Steps } from './read-counters.ts'
import { matchersOf, noneOf, oneOf } from './selection.ts'
import { keyOf, rowsOf } from './top-queries.ts'
import type { QuerySources } from './top-queries.ts'

export interface OneQuerySources extends QuerySources {
  /** Whatever is known of a statement beside its figures. */
  seen(candidate: Candidate): { readonly firstMs: number; readonly lastMs: number } | undefined
  /** All clusters and databases in which a statement of that identifier is known. */
  known(query: string, filter: QueryFilter): readonly Candidate[]
  regressionsOf(candidate: Candidate): readonly QueryRegression[]
}

/** One statement over time and by server, for each cluster and database in which there is one of that identifier. */
export async function oneQuery(
  sources: OneQuerySources,
  request: { readonly query: string } & QueryFilter & TimeSpan,
  signal: AbortSignal,
): Promise<FoundQueries> {
  const { query, startMs, endMs } = request
  const steps = stepsOf(request, sources.leastStepMs)
  const counted = await readCounters(
    sources.store,
    { filter: request, queries: oneOf([query]), steps },
    signal,
  )
  const byKey = Map.groupBy(counted, keyOf)
  const candidates = new Map<string, Candidate>()
  for (const one of [...counted, ...sources.known(query, request)]) candidates.set(keyOf(one), one)
  const found = await Promise.all(
    [...candidates.values()].map(async ({ cluster, datname }): Promise<OneQuery> => {
      const candidate = { cluster, datname, query }
      const queries = byKey.get(keyOf(candidate)) ?? []
      const rest = matchersOf({ ...request, cluster, datname }) + noneOf([query])
      const others = await findTotals(sources.store, { matchers: rest, startMs, endMs }, signal)
      const [row] = await rowsOf(sources, queries)
      return describe(sources, { ...candidate, queries, row }, steps, others.timeSeconds)
    }),
  )
  return {
    startMs,
    endMs,
    stepMs: steps.stepMs,
    found: found.sort((a, b) => b.timeSeconds - a.timeSeconds),
  }
}

function describe(
  sources: OneQuerySources,
  found: Candidate & {
    readonly queries: readonly CountedQuery[]
    readonly row: Awaited<ReturnType<typeof rowsOf>>[number] | undefined
  },
  steps: Steps,
  otherSeconds: number,
): OneQuery {
  const { queries, row, ...candidate } = found
  const figures = row ?? {
    ...candidate,
    ...figuresOf([]),
    servers: [],
    text: sources.textOf(candidate) ?? null,
  }
  const trend = trendOf(queries, steps)
  const seen = sources.seen(candidate)
  return {
    ...figures,
    share: figures.timeSeconds > 0 ? figures.timeSeconds / (figures.timeSeconds + otherSeconds) : 0,
    ...seenWithin(seen, trend, steps),
    byServer: queries.map((one) => ({ server: one.server, ...figuresOf([one]) })),
    trend,
    regressions: [...sources.regressionsOf(candidate)],
  }
}

function trendOf(queries: readonly CountedQuery[], steps: Steps): OneQuery['trend'] {
  return Array.from({ length: steps.count }, (_, at) => {
    const parts = queries.map((one) => momentsAt(one, at)).filter(({ calls }) => calls > 0)
    const calls = parts.reduce((sum, part) => sum + part.calls, 0)
    const seconds = parts.reduce((sum, part) => sum + part.sum, 0)
    return {
      atMs: steps.startMs + (at + 1) * steps.stepMs,
      calls,
      meanSeconds: calls > 0 ? seconds / calls : null,
      p95: percentileOf(parts, 0.95),
    }
  })
}

/** What the texts know is as of the last look at all statements; the range may show it earlier or later. */
function seenWithin(
  seen: { readonly firstMs: number; readonly lastMs: number } | undefined,
  trend: OneQuery['trend'],
  { stepMs }: Steps,
): Pick<OneQuery, 'firstSeenMs' | 'lastSeenMs'> {
  const busy = trend.filter(({ calls }) => calls > 0)
  const first = [...busy.slice(0, 1).map(({ atMs }) => atMs - stepMs), ...(seen ? [seen.firstMs] : [])]
  const last = [...busy.slice(-1).map(({ atMs }) => atMs), ...(seen ? [seen.lastMs] : [])]
  return {
    firstSeenMs: first.length === 0 ? null : Math.min(...first),
    lastSeenMs: last.length === 0 ? null : Math.max(...last),
  }
}
