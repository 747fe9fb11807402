import type { QuerySort, TimeSpan } from '../../../common/insight/queries-view.ts'
import { labelValue } from '../../../common/series/label-set.ts'
import type { AskSamples } from '../ask-samples.ts'
import { durationOf, otherStatements } from './selection.ts'

/** What a query is sorted by in the store; what comes from several counters is chosen among those that took most time. */
const countersOf: Readonly<Record<QuerySort, string>> = {
  time: 'exec_time',
  calls: 'calls',
  mean: 'exec_time',
  p50: 'exec_time',
  p95: 'exec_time',
  p99: 'exec_time',
  rows: 'rows',
  io: 'io_time',
  wal: 'wal_bytes',
  temp: 'temp_bytes',
  blocks: 'sblk_(hit|read)',
}

/** Of those sorted by something of which the store has no counter. */
const mostCandidates = 200
const isCounted = (sort: QuerySort): boolean => !['mean', 'p50', 'p95', 'p99'].includes(sort)

/** Beyond this the samples of all statements of a fleet are too many, and what rules recorded of them each five minutes is asked. */
const longMs = 3 * 3_600_000
const recordedSeconds = 300
const recorded = new Set(['exec_time', 'calls', 'rows', 'sblk_(hit|read)'])

/**
 * Agents tell a counter that stands still once a minute: growth right at the start of a range shows only against the sample before it.
 */
const standsStillMs = 70_000

const by = 'sum by (cls, datname, query)'

/** What each statement's counter grew by within the range, about: expressions of which the first that finds anything counts. */
function grownBy(counter: string, matchers: string, { startMs, endMs }: TimeSpan): readonly string[] {
  const rangeMs = endMs - startMs
  const window = `[${durationOf(rangeMs)}]`
  const counted = `increase({__name__=~"pg_query_${counter}"${matchers}}${window}) keep_metric_names`
  if (rangeMs <= longMs || !recorded.has(counter)) return [counted]
  // Rules need not be the ones that come with pgherd.
  const rated = `{__name__=~"statement:pg_query_${counter}:rate5m"${matchers}}${window}`
  return [`sum_over_time(${rated}) keep_metric_names * ${recordedSeconds}`, counted]
}

async function firstFound(
  store: AskSamples,
  expressions: readonly string[],
  atMs: number,
  signal: AbortSignal,
): ReturnType<AskSamples['vector']> {
  for (const expression of expressions) {
    const found = await store.vector(expression, atMs, signal)
    if (found.length > 0) return found
  }
  return []
}

export interface Candidate {
  readonly cluster: string
  readonly datname: string
  readonly query: string
}

/** Statements that can be among the first of a list, by what the store makes of their counters. */
export async function findCandidates(
  store: AskSamples,
  asked: { readonly matchers: string; readonly sort: QuerySort; readonly limit: number } & TimeSpan,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const { matchers, sort, limit } = asked
  // Some more than wanted: the store only estimates what the counters grew by.
  const most = isCounted(sort) ? Math.min(mostCandidates, limit + 5) : mostCandidates
  const own = `${matchers},query!="${otherStatements}"`
  const { endMs, startMs } = asked
  const span = { endMs, startMs: startMs - standsStillMs }
  const expressions = grownBy(countersOf[sort], own, span).map((grown) => `topk(${most}, ${by} (${grown}))`)
  const found = await firstFound(store, expressions, asked.endMs, signal)
  return found
    .filter(({ value }) => value > 0)
    .map(({ labels }) => ({
      cluster: labelValue(labels, 'cls'),
      datname: labelValue(labels, 'datname'),
      query: labelValue(labels, 'query'),
    }))
}

/** Seconds and calls of all statements within the range, about. */
export async function findTotals(
  store: AskSamples,
  asked: { readonly matchers: string } & TimeSpan,
  signal: AbortSignal,
): Promise<{ readonly timeSeconds: number; readonly calls: number }> {
  const total = async (counter: string): Promise<number> => {
    const expressions = grownBy(counter, asked.matchers, asked).map((grown) => `sum(${grown})`)
    const found = await firstFound(store, expressions, asked.endMs, signal)
    return found[0]?.value ?? 0
  }
  const [timeSeconds, calls] = await Promise.all([total('exec_time'), total('calls')])
  return { timeSeconds, calls }
}
