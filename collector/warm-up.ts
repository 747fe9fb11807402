import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { LabelSet } from '../common/series/label-set.ts'
import type { Matcher } from '../common/series/matcher.ts'
import { nextTurn } from '../common/turn.ts'

/** What all of it may take: about as long as the compilers need to notice what is used most. */
const budgetMs = 200
const queryTimeoutMs = 1_000
const dayMs = 86_400_000
const recentMs = 300_000
/** With more series than this even finding one costs more than it is worth. */
const mostSeries = 100_000
const mostNames = 8
const mostOfOneName = 2_000

type Selectors = readonly (readonly Matcher[])[]
interface Limits {
  readonly signal: AbortSignal
  readonly maxSeries?: number
}

interface Asked<Answer> {
  readonly storage: {
    stats(): { readonly maxTimeMs: number | undefined; readonly headSeries: number }
    labelValues(
      name: string,
      selectors: Selectors,
      fromMs: number,
      toMs: number,
      limits: Limits,
    ): Promise<string[]>
    series(selectors: Selectors, fromMs: number, toMs: number, limits: Limits): Promise<LabelSet[]>
  }
  readonly query: {
    range(
      text: string,
      startMs: number,
      endMs: number,
      stepMs: number,
      options: { readonly signal: AbortSignal; readonly timeoutMs: number },
    ): Promise<Answer>
  }
  /** An answer as it is sent, in pieces. */
  readonly encode: (answer: Answer) => Iterable<unknown>
}

/**
 * Asks the store for a day of one of its series, as a dashboard will, again and again for a fifth of a second: the first
 * queries of users then find compiled code, and the pages of the index that every query needs, in memory. The answers
 * are made and thrown away; nothing of them is kept, counted or logged as a query of a client. An empty store, and one
 * behind another engine, is not asked.
 */
export async function warmUp<Answer>(
  { storage, query, encode }: Asked<Answer>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const untilMs = clock.monotonic() + budgetMs
  const { maxTimeMs, headSeries } = storage.stats()
  if (maxTimeMs === undefined || headSeries > mostSeries) return
  const labels = await anySeries(storage, maxTimeMs, signal)
  if (labels === undefined) return
  const selector = selectorOf(labels)
  const options = { signal, timeoutMs: queryTimeoutMs }
  while (clock.monotonic() < untilMs && !signal.aborted) {
    const answer = await query.range(selector, maxTimeMs - dayMs, maxTimeMs, 60_000, options)
    Array.from(encode(answer))
    await nextTurn()
  }
}

async function anySeries(
  storage: Asked<unknown>['storage'],
  maxTimeMs: number,
  signal: AbortSignal,
): Promise<LabelSet | undefined> {
  const fromMs = maxTimeMs - recentMs
  const names = await storage.labelValues('__name__', [], fromMs, maxTimeMs, { signal })
  for (const value of names.slice(0, mostNames)) {
    try {
      const selectors = [[{ name: '__name__', operator: '=', value } as const]]
      const limits = { signal, maxSeries: mostOfOneName }
      const [first] = await storage.series(selectors, fromMs, maxTimeMs, limits)
      if (first !== undefined) return first
    } catch (error) {
      if (!(error instanceof PgherdError && error.code === 'QUERY_LIMIT')) throw error
    }
  }
  return undefined
}

function selectorOf(labels: LabelSet): string {
  const pairs: string[] = []
  for (let i = 0; i < labels.length; i += 2) {
    pairs.push(`${JSON.stringify(labels[i])}=${JSON.stringify(labels[i + 1])}`)
  }
  return `{${pairs.join(',')}}`
}
