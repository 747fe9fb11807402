import type { QueryFilter, TimeSpan } from '../../../common/insight/queries-view.ts'
import { labelKey, labelValue } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { counterSteps, wasSetBack } from './counter-steps.ts'
import type { AskSamples } from '../ask-samples.ts'
import { askWindows } from './ask-windows.ts'
import { durationOf, matchersOf } from './selection.ts'

/** What agents count of statements, behind `pg_query_`. */
export const counters = [
  'calls',
  'exec_time',
  'exec_time_squares',
  'plan_time',
  'rows',
  'io_time',
  'wal_bytes',
  'wal_fpi',
  'temp_bytes',
  'sblk_hit',
  'sblk_read',
  'sblk_dirtied',
  'sblk_written',
] as const
export type Counter = (typeof counters)[number]

/** How a range is cut into windows of equal length. */
export interface Steps extends TimeSpan {
  readonly stepMs: number
  readonly count: number
}

/** One statement on one server: what its counters grew by in each window. */
export interface CountedQuery {
  readonly cluster: string
  readonly server: string
  readonly datname: string
  readonly query: string
  readonly grown: Readonly<Partial<Record<Counter, Float64Array>>>
  /** No execution took longer in each window, seconds; NaN where that is not known. */
  readonly longest: Float64Array
  /** Whether its agent has missed some of what happened within the range. */
  readonly isPartial: boolean
}

type Counting = Omit<CountedQuery, 'grown' | 'isPartial'> & {
  readonly grown: Partial<Record<Counter, Float64Array>>
  isPartial: boolean
}

/** How far before a range a counter is looked for: agents tell one that stands still each minute. */
const beforeWindow = durationOf(300_000)
/** VictoriaMetrics moves the windows of a query with 50 points and more. */
const mostSteps = 48
const shortestStepMs = 60_000

/** @param leastMs of a window, where measurements are further apart than a minute, or closer */
export function stepsOf({ startMs, endMs }: TimeSpan, leastMs = shortestStepMs): Steps {
  const count = Math.max(1, Math.min(mostSteps, Math.floor((endMs - startMs) / leastMs)))
  const stepMs = Math.max(1, Math.round((endMs - startMs) / count))
  return { startMs: endMs - count * stepMs, endMs, stepMs, count }
}

export interface CountersAsked {
  readonly filter: QueryFilter
  /** A matcher of statements, with a comma before it. */
  readonly queries: string
  readonly names?: readonly Counter[]
  readonly steps: Steps
}

/** What counters of the selected statements grew by, window by window. Reads each sample of the range three times. */
export async function readCounters(
  store: AskSamples,
  asked: CountersAsked,
  signal: AbortSignal,
): Promise<readonly CountedQuery[]> {
  const { steps, names = counters } = asked
  const matchers = matchersOf(asked.filter) + asked.queries
  const whole = `[${durationOf(steps.endMs - steps.startMs)}]`
  const window = `[${durationOf(steps.stepMs)}]`
  const selector = `{__name__=~"pg_query_(${names.join('|')})"${matchers}}`
  const over = (functionName: string): ReturnType<typeof askWindows> =>
    askWindows(store, `${functionName}(${selector}${window}) keep_metric_names`, steps, signal)
  const [before, last, lowest, highest, longest, partial] = await Promise.all([
    store.vector(`last_over_time(${selector}[${beforeWindow}]) keep_metric_names`, steps.startMs, signal),
    over('last_over_time'),
    over('min_over_time'),
    over('max_over_time'),
    askWindows(
      store,
      `max by (cls, ins, datname, query) (max_over_time(pg_query_exec_time_max{${matchers.slice(1)}}${window}))`,
      steps,
      signal,
    ),
    store.vector(
      `max by (cls, ins) (increase(pg_query_partial_intervals{${matchersOf({ ...asked.filter, datname: undefined }).slice(1)}}${whole})) > 0`,
      steps.endMs,
      signal,
    ),
  ])
  const isPartial = new Set(partial.map(({ labels }) => serverKey(labels)))
  const beforeOf = new Map(before.map(({ labels, value }) => [labelKey(labels), value]))
  const lowestOf = bySeries(lowest)
  const highestOf = bySeries(highest)
  const longestOf = new Map(longest.map((series) => [placeOf(series.labels), series]))
  const found = new Map<string, Counting>()
  for (const series of last) {
    const key = labelKey(series.labels)
    const ends = onGrid(series, steps)
    ends[0] = beforeOf.get(key) ?? NaN
    const lows = onGrid(lowestOf.get(key), steps)
    const grown = counterSteps({
      last: ends,
      lowest: lows,
      highest: onGrid(highestOf.get(key), steps),
    })
    const place = placeOf(series.labels)
    let query = found.get(place)
    if (query === undefined) {
      query = {
        cluster: labelValue(series.labels, 'cls'),
        server: labelValue(series.labels, 'ins'),
        datname: labelValue(series.labels, 'datname'),
        query: labelValue(series.labels, 'query'),
        grown: {},
        longest: onGrid(longestOf.get(place), steps).subarray(1),
        isPartial: isPartial.has(serverKey(series.labels)),
      }
      found.set(place, query)
    }
    const name = labelValue(series.labels, '__name__').slice('pg_query_'.length) as Counter
    if (name === 'calls' && wasSetBack({ last: ends, lowest: lows })) query.isPartial = true
    const sofar = query.grown[name]
    // The same server under another address is another series.
    query.grown[name] = sofar === undefined ? grown : grown.map((value, i) => value + sofar[i]!)
  }
  return [...found.values()]
}

function bySeries(all: readonly SeriesSamples[]): ReadonlyMap<string, SeriesSamples> {
  return new Map(all.map((series) => [labelKey(series.labels), series]))
}

const serverKey = (labels: LabelSet): string =>
  `${labelValue(labels, 'cls')}\u0000${labelValue(labels, 'ins')}`

function placeOf(labels: LabelSet): string {
  return ['cls', 'ins', 'datname', 'query'].map((name) => labelValue(labels, name)).join('\u0000')
}

/** Values at the ends of the windows, the one before the range first; NaN where there is none. */
function onGrid(series: SeriesSamples | undefined, { startMs, stepMs, count }: Steps): Float64Array {
  const grid = new Float64Array(count + 1).fill(NaN)
  if (series === undefined) return grid
  for (const [i, timestamp] of series.timestamps.entries()) {
    const at = Math.round((timestamp - startMs) / stepMs)
    if (at >= 0 && at <= count) grid[at] = series.values[i]!
  }
  return grid
}
