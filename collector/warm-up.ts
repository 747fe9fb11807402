import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { LabelSet } from '../common/series/label-set.ts'
import type { Matcher } from '../common/series/matcher.ts'
import { nextTurn } from '../common/turn.ts'

/** How long the collector lets others wait for it: the first answers are what takes longest. */
const firstMs = 200
/** About as many as it takes until the compilers have noticed and improved what is used most. */
const mostQueries = 600
const dayMs = 86_400_000
const hourMs = 3_600_000
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

interface Asked {
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
  /** The HTTP API, of which nothing is counted or logged as a client's. */
  readonly open: () => Promise<{ ask(path: string, signal: AbortSignal): Promise<void> } & AsyncDisposable>
}

export interface WarmUp {
  /** When clients may come; it never rejects. */
  readonly begun: Promise<void>
  /** When all is over. @throws what failed */
  readonly ended: Promise<void>
}

/**
 * Asks for a day of one of the store's series, as a dashboard will, and now and then for its newest sample and its rate,
 * over HTTP: the first queries of users then find compiled code, and the pages of the index that every query needs, in memory.
 * For a fifth of a second without a pause, then with pauses as long as the answers took, so that whoever asks by then is not
 * kept waiting. An empty store, and one behind another engine, is not asked.
 */
export function warmUp(asked: Asked, clock: Clock, signal: AbortSignal): WarmUp {
  const begun = Promise.withResolvers<undefined>()
  const ended = run(asked, clock, signal, () => begun.resolve(undefined)).finally(() =>
    begun.resolve(undefined),
  )
  return { begun: begun.promise, ended }
}

async function run(
  { storage, open }: Asked,
  clock: Clock,
  signal: AbortSignal,
  onBegun: () => void,
): Promise<void> {
  const firstUntilMs = clock.monotonic() + firstMs
  const { maxTimeMs, headSeries } = storage.stats()
  if (maxTimeMs === undefined || headSeries > mostSeries) return
  const labels = await anySeries(storage, maxTimeMs, signal)
  if (labels === undefined) return
  const paths = pathsFor(selectorOf(labels), maxTimeMs)
  await using api = await open()
  for (let i = 0; i < mostQueries && !signal.aborted; i++) {
    const askedMs = clock.monotonic()
    await api.ask(paths[i % paths.length]!, signal)
    const endedMs = clock.monotonic()
    if (endedMs < firstUntilMs) await nextTurn()
    else {
      onBegun()
      await clock.sleep(endedMs - askedMs, signal)
    }
  }
}

/** What is asked in turn. */
function pathsFor(selector: string, lastMs: number): readonly string[] {
  const range = (query: string, ms: number, step: string): string => {
    const [start, end] = [(lastMs - ms) / 1000, lastMs / 1000]
    return `/api/v1/query_range?${String(new URLSearchParams({ query, start: String(start), end: String(end), step }))}`
  }
  const day = range(selector, dayMs, '60')
  const newest = new URLSearchParams({ query: selector, time: String(lastMs / 1000) })
  return [day, day, day, `/api/v1/query?${String(newest)}`, range(`sum(rate(${selector}[5m]))`, hourMs, '15')]
}

async function anySeries(
  storage: Asked['storage'],
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
