import type { QueryRow, TopQueries, TopRequest } from '../../../common/insight/queries-view.ts'
import { nextTurn } from '../../../common/turn.ts'
import { findCandidates, findTotals } from './candidates.ts'
import type { Candidate } from './candidates.ts'
import { databasePercentiles } from './database-percentiles.ts'
import { figuresOf } from './figures.ts'
import type { AskSamples } from '../ask-samples.ts'
import { readCounters, stepsOf } from './read-counters.ts'
import type { CountedQuery } from './read-counters.ts'
import { matchersOf, noneOf, oneOf, otherStatements } from './selection.ts'
import { measureOf } from './sort-figures.ts'

/** What a list needs beside the store. */
export interface QuerySources {
  readonly store: AskSamples
  textOf(candidate: Candidate): string | undefined
  /** The shortest window into which a range is cut, milliseconds; a minute unless told. */
  readonly leastStepMs?: number
}

/** The first statements of a range, and what all others did together. */
export async function topQueries(
  sources: QuerySources,
  request: TopRequest,
  signal: AbortSignal,
): Promise<TopQueries> {
  const { store } = sources
  const matchers = matchersOf(request)
  const { startMs, endMs } = request
  const [candidates, percentiles] = await Promise.all([
    findCandidates(store, { ...request, matchers }, signal),
    databasePercentiles(store, { matchers, startMs, endMs }, signal),
  ])
  const queries = [...candidates.map(({ query }) => query), otherStatements]
  const steps = stepsOf(request, sources.leastStepMs)
  const [counted, rest] = await Promise.all([
    readCounters(store, { filter: request, queries: oneOf(queries), steps }, signal),
    findTotals(store, { matchers: matchers + noneOf(queries), startMs, endMs }, signal),
  ])
  const wanted = new Set(candidates.map(keyOf))
  const all = await rowsOf(sources, counted)
  const own = all.filter((row) => wanted.has(keyOf(row)) && row.calls > 0)
  const others = all.filter(({ query }) => query === otherStatements)
  const timeSeconds = rest.timeSeconds + sum(all, 'timeSeconds')
  const calls = rest.calls + sum(all, 'calls')
  const shared = (row: Unshared): QueryRow => ({
    ...row,
    share: timeSeconds > 0 ? row.timeSeconds / timeSeconds : 0,
  })
  return {
    startMs,
    endMs,
    timeSeconds,
    calls,
    ...percentiles,
    rows: own
      .map(shared)
      .sort((a, b) => measureOf(b, request.sort) - measureOf(a, request.sort))
      .slice(0, request.limit),
    others: others.map(shared).filter((row) => row.calls > 0),
  }
}

type Unshared = Omit<QueryRow, 'share'>

/** A row for each statement of a database of a cluster, of all servers that executed it. */
export async function rowsOf(
  sources: Pick<QuerySources, 'textOf'>,
  counted: readonly CountedQuery[],
): Promise<readonly Unshared[]> {
  const rows: Unshared[] = []
  for (const [first, ...more] of Map.groupBy(counted, keyOf).values()) {
    if (first === undefined) continue
    const { cluster, datname, query } = first
    const queries = [first, ...more]
    const busy = queries.filter(({ grown }) => grown.calls?.some((value) => value > 0) === true)
    rows.push({
      cluster,
      datname,
      query,
      servers: busy.map(({ server }) => server).sort(),
      text: sources.textOf({ cluster, datname, query }) ?? null,
      ...figuresOf(queries),
    })
    // A percentile takes a millisecond or so, and there may be two hundred rows.
    await nextTurn()
  }
  return rows
}

/** The same statement on different servers of a cluster has the same. */
export function keyOf({ cluster, datname, query }: Candidate): string {
  return `${cluster}\u0000${datname}\u0000${query}`
}

function sum(rows: readonly Unshared[], of: 'timeSeconds' | 'calls'): number {
  return rows.reduce((total, row) => total + row[of], 0)
}
