import type { CollectorClient } from '../api/client.ts'
import type { TimeSpan } from '../query/time-range.ts'
import { timeVariables } from '../query/query-range.ts'
import { expand } from '../board/variables/expand.ts'
import { rangeFrames, tableFrame } from '../board/data/frames-of-answer.ts'
import { instantAnswer } from '../board/data/load-panel.ts'
import type { PanelData } from '../board/data/load-panel.ts'
import type { Frame } from '../board/data/frame.ts'
import type { QueryRange } from '../api/client.ts'

/** What came of a query. */
export interface QueryResult {
  readonly refId: string
  readonly query: string
  readonly series: number
  readonly error: string | null
  readonly tookMs: number
  /** A frame for each series over time. */
  readonly graph: readonly Frame[]
  /** All series as they are at the end. */
  readonly table: Frame | null
}

/** Everything that was asked for one time. */
export interface Exploration {
  readonly results: readonly QueryResult[]
  readonly span: TimeSpan
  readonly range: QueryRange
}

/** A letter for each query, as in a board. */
export function letterOf(index: number): string {
  return String.fromCharCode(65 + (index % 26))
}

/** Runs every query over time and for the end of it; one that fails costs itself. */
export async function runQueries(
  client: Pick<CollectorClient, 'get' | 'range'>,
  queries: readonly string[],
  span: TimeSpan,
  range: QueryRange,
  signal: AbortSignal,
): Promise<Exploration> {
  const scope = { selections: new Map<string, never>(), texts: timeVariables(span, range.step) }
  const results = await Promise.all(
    queries.map(async (query, index): Promise<QueryResult> => {
      const refId = letterOf(index)
      const nothing = { refId, query, series: 0, error: null, tookMs: 0, graph: [], table: null }
      if (query.trim() === '') return nothing
      const expr = expand(query, scope, 'promql')
      const startedMs = performance.now()
      try {
        const [series, { data }] = await Promise.all([
          client.range(expr, range, signal),
          client.get('api/v1/query', { query: expr, time: String(range.end) }, instantAnswer, signal),
        ])
        return {
          ...nothing,
          series: Math.max(series.length, data.result.length),
          tookMs: performance.now() - startedMs,
          graph: rangeFrames(series, range, { refId, expr }, '__auto'),
          table: tableFrame(data.result, refId, 'Value'),
        }
      } catch (error) {
        signal.throwIfAborted()
        return { ...nothing, error: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
  return { results, span, range }
}

/** The answer of some frames as the views of boards want it. */
export function asPanelData({ span, range }: Exploration, frames: readonly Frame[]): PanelData {
  return { frames, span, stepSeconds: range.step, scope: { selections: new Map(), texts: new Map() } }
}
