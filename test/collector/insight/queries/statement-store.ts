import { createEngine } from '../../../../collector/promql/engine.ts'
import { createMemoryStore } from '../../../../collector/rules-tool/memory-store.ts'
import type { AskSamples } from '../../../../collector/insight/ask-samples.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import type { LabelSet } from '../../../../common/series/label-set.ts'

/** What a statement has done so far, as an agent counts it. */
export interface Counted {
  readonly calls: number
  readonly exec_time: number
  readonly exec_time_squares: number
  readonly rows?: number
  readonly sblk_hit?: number
  readonly sblk_read?: number
  readonly wal_bytes?: number
  readonly temp_bytes?: number
}

export interface StatementPlace {
  readonly cluster?: string
  readonly server: string
  readonly datname?: string
  readonly query: string
}

/** Series of statements as agents tell them, answered by the collector's own engine. */
export function statementStore() {
  const memory = createMemoryStore()
  const engine = createEngine()
  const store: AskSamples = {
    async vector(expression, atMs, signal) {
      const result = await engine.instant(memory, expression, atMs, { signal })
      if (result.type !== 'vector') throw new Error(`a ${result.type}`)
      return result.samples
    },
    async range(expression, { startMs, endMs, stepMs }, signal) {
      const { series } = await engine.range(memory, expression, startMs, endMs, stepMs, { signal })
      return series
    },
  }
  return {
    store,
    append: (atMs: number, series: readonly LabelSet[], values: Float64Array) =>
      memory.append(atMs, series, values),
    /** Samples of all counters of a statement at one moment. */
    tell(place: StatementPlace, atMs: number, counted: Counted): void {
      const { cluster = 'pg-main', server, datname = 'app', query } = place
      const labels = {
        cls: cluster,
        ins: server,
        ip: '10.0.0.1',
        instance: server,
        job: 'pgsql',
        datname,
        query,
      }
      const entries = Object.entries(counted) as [string, number][]
      const series = entries.map(([name]): LabelSet => labelSet({ __name__: `pg_query_${name}`, ...labels }))
      void memory.append(
        atMs,
        series,
        Float64Array.from(entries, ([, value]) => value),
      )
    },
  }
}

/** Adds up calls that all take about as long: `seconds` with a standard deviation of `deviation`. */
export function calls(
  before: Counted | undefined,
  count: number,
  seconds: number,
  deviation = 0,
  more: Partial<Counted> = {},
): Counted {
  const squares = count * (seconds ** 2 + deviation ** 2)
  const sum = (name: keyof Counted): number => (before?.[name] ?? 0) + (more[name] ?? 0)
  return {
    calls: (before?.calls ?? 0) + count,
    exec_time: (before?.exec_time ?? 0) + count * seconds,
    exec_time_squares: (before?.exec_time_squares ?? 0) + squares,
    rows: sum('rows'),
    sblk_hit: sum('sblk_hit'),
    sblk_read: sum('sblk_read'),
    wal_bytes: sum('wal_bytes'),
    temp_bytes: sum('temp_bytes'),
  }
}

export const noCalls: Counted = calls(undefined, 0, 0)
export const never = new AbortController().signal
