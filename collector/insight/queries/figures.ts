import type { QueryFigures } from '../../../common/insight/queries-view.ts'
import type { Moments } from '../../../common/percentiles/moments.ts'
import { percentilesOf } from './percentiles-of.ts'
import type { CountedQuery, Counter } from './read-counters.ts'

/** What a counter grew by in all windows of all of them. */
export function totalOf(queries: readonly CountedQuery[], counter: Counter): number {
  let sum = 0
  for (const { grown } of queries) for (const value of grown[counter] ?? []) sum += value
  return sum
}

/** The moments of calls in each window of each of them that had any; windows of different servers are not mixed before. */
export function momentsOf(queries: readonly CountedQuery[]): Moments[] {
  return queries.flatMap((query) =>
    Array.from(query.grown.calls ?? [], (_, at) => momentsAt(query, at)).filter(({ calls }) => calls > 0),
  )
}

/** The moments of one window. */
export function momentsAt({ grown, longest, isPartial }: CountedQuery, at: number): Moments {
  return {
    calls: grown.calls?.[at] ?? 0,
    sum: grown.exec_time?.[at] ?? 0,
    squares: grown.exec_time_squares?.[at] ?? 0,
    max: longest[at]! > 0 ? longest[at] : undefined,
    partial: isPartial,
  }
}

/** What the same statement did on one or several servers, together. */
export function figuresOf(queries: readonly CountedQuery[]): QueryFigures {
  const of = (counter: Counter): number => totalOf(queries, counter)
  const calls = of('calls')
  const timeSeconds = of('exec_time')
  return {
    calls,
    timeSeconds,
    meanSeconds: calls > 0 ? timeSeconds / calls : null,
    ...percentilesOf(momentsOf(queries)),
    planSeconds: of('plan_time'),
    rows: of('rows'),
    ioSeconds: of('io_time'),
    walBytes: of('wal_bytes'),
    fullPageImages: of('wal_fpi'),
    tempBytes: of('temp_bytes'),
    blocksHit: of('sblk_hit'),
    blocksRead: of('sblk_read'),
    blocksDirtied: of('sblk_dirtied'),
    blocksWritten: of('sblk_written'),
  }
}
