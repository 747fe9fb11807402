import { systemClock } from '../../common/clock.ts'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { createAnnotations } from './evaluate/annotations.ts'
import { evaluate } from './evaluate/evaluate.ts'
import { createPacer } from './evaluate/pacer.ts'
import { prefetch } from './evaluate/prefetch.ts'
import type { Query } from './evaluate/query.ts'
import { createSamplePool } from './evaluate/sample-pool.ts'
import type { SamplePool } from './evaluate/sample-pool.ts'
import { createSelectCache } from './evaluate/select-cache.ts'
import type { Grid, Value } from './evaluate/values.ts'
import { createExpressionCache } from './expression-cache.ts'
import type { ParsedQuery } from './expression-cache.ts'
import { instantResult, rangeResult } from './present-result.ts'
import type { Queryable } from './queryable.ts'
import type { InstantResult, RangeResult } from './result.ts'
import type { Expression } from './syntax/ast.ts'
import { typeOf } from './syntax/check.ts'

export interface EngineOptions {
  /** How far an instant selector looks back for a sample. */
  readonly lookbackMs?: number
  /** Samples that one query may load, and points that one operator may hold. */
  readonly maxSamples?: number
  readonly maxSeries?: number
  /** Points per series of a range query. */
  readonly maxPoints?: number
  /** Step of a subquery that names none: the evaluation interval. */
  readonly defaultSubqueryStepMs?: number
  /** Removes metric names at the end of a query instead of at each operation (Prometheus' feature flag). */
  readonly delayedNameRemoval?: boolean
  readonly clock?: Clock
  /** Uniform in [0, 1), for rand() without a seed. */
  readonly random?: () => number
}

export interface QueryOptions {
  readonly signal?: AbortSignal
  /** How long the query may take, from now. */
  readonly timeoutMs?: number
  /** Instead of the engine's, for one query. */
  readonly lookbackMs?: number
  /** The step that an instant query is asked for at: the window of rollups without one, and the unit of `5i`. */
  readonly askedStepMs?: number
  readonly maxSamples?: number
  readonly maxSeries?: number
  /** Called before memory is taken for samples and results; what it throws ends the query. */
  readonly reserve?: (bytes: number) => void
}

/**
 * Evaluates PromQL. Errors of both: QUERY_INVALID (the text, or times that make no sense), QUERY_FAILED,
 * QUERY_LIMIT, TIMED_OUT, CANCELLED, and whatever the queryable reports.
 */
export interface Engine {
  instant(queryable: Queryable, text: string, timeMs: number, options?: QueryOptions): Promise<InstantResult>
  /** At startMs, startMs + stepMs, ... up to endMs. */
  range(
    queryable: Queryable,
    text: string,
    startMs: number,
    endMs: number,
    stepMs: number,
    options?: QueryOptions,
  ): Promise<RangeResult>
}

const defaults = {
  lookbackMs: 300_000,
  maxSamples: 50_000_000,
  maxSeries: 1_000_000,
  maxPoints: 11_000,
  defaultSubqueryStepMs: 60_000,
  delayedNameRemoval: false,
  clock: systemClock,
  random: Math.random,
}

export function createEngine(options: EngineOptions = {}): Engine {
  const settings = { ...defaults, pool: createSamplePool(), ...options }
  const parse = createExpressionCache()
  return {
    instant: async (queryable, text, timeMs, queryOptions = {}) => {
      requireTimes(timeMs)
      const parsed = parse(text)
      const times = { startMs: timeMs, endMs: timeMs, stepMs: 0, isRange: false }
      return run({ ...settings, ...queryOptions }, queryable, text, parsed, times, 1, (value, query) =>
        instantResult(value, timeMs, query),
      )
    },
    range: async (queryable, text, startMs, endMs, stepMs, queryOptions = {}) => {
      const count = countPoints(startMs, endMs, stepMs, settings.maxPoints)
      const parsed = parse(text)
      requireRangeType(parsed.expression)
      const times = { startMs, endMs, stepMs, isRange: true }
      return run(
        { ...settings, ...queryOptions },
        queryable,
        text,
        parsed,
        times,
        count,
        (value, query, grid) => rangeResult(value, grid, query),
      )
    },
  }
}

type Settings = typeof defaults & { readonly pool: SamplePool } & EngineOptions & QueryOptions
/** Made once: an abort without a reason makes an error with a stack each time. */
const ended = new PgherdError('CANCELLED', 'the query has ended')

type Times = Pick<Query, 'startMs' | 'endMs' | 'stepMs' | 'isRange'>

async function run<Result>(
  settings: Settings,
  queryable: Queryable,
  text: string,
  { expression, invariant }: ParsedQuery,
  times: Times,
  count: number,
  present: (value: Value, query: Query, grid: Grid) => Promise<Result>,
): Promise<Result> {
  const deadlineMs = settings.clock.monotonic() + (settings.timeoutMs ?? Infinity)
  const pacer = createPacer(settings.clock, settings.signal, deadlineMs)
  pacer.check()
  // Ends the selections that are still under way when the query fails, is cancelled, or runs out of time.
  const selections = new AbortController()
  const cancel = (): void => selections.abort(settings.signal?.reason)
  // AbortSignal.any() would say the same, at twice the cost.
  settings.signal?.addEventListener('abort', cancel, { once: true })
  const timer = startTimer(settings.timeoutMs, selections)
  const memory = settings.pool.open()
  const query: Query = {
    ...times,
    text,
    lookbackMs: settings.lookbackMs,
    askedStepMs: settings.askedStepMs ?? 0,
    defaultSubqueryStepMs: settings.defaultSubqueryStepMs,
    delayedNameRemoval: settings.delayedNameRemoval,
    keepNames: false,
    nowMs: settings.clock.now(),
    random: settings.random,
    maxSamples: settings.maxSamples,
    reserve: settings.reserve,
    annotations: createAnnotations(text),
    pacer,
    invariant,
    select: createSelectCache(
      queryable,
      {
        signal: selections.signal,
        maxSeries: settings.maxSeries,
        maxSamples: settings.maxSamples,
        reserve: settings.reserve,
        memory,
      },
      pacer,
    ),
  }
  const grid: Grid = { startMs: times.startMs, stepMs: times.stepMs, count }
  try {
    await prefetch(expression, grid, query)
    const result = await present(await evaluate(expression, grid, query), query, grid)
    // Of a query that failed a selection may still be writing.
    memory.giveBack()
    return result
  } catch (error) {
    // A selection that was aborted fails in its own words; what counts is why it was aborted.
    if (!(error instanceof PgherdError) || error.code === 'CANCELLED') pacer.check()
    if (timer.fired()) {
      throw new PgherdError('TIMED_OUT', 'query timed out in query execution', { cause: error })
    }
    throw error
  } finally {
    timer.stop()
    settings.signal?.removeEventListener('abort', cancel)
    selections.abort(ended)
  }
}

function startTimer(
  timeoutMs: number | undefined,
  selections: AbortController,
): { fired(): boolean; stop(): void } {
  if (timeoutMs === undefined || timeoutMs === Infinity) return { fired: () => false, stop: () => undefined }
  let fired = false
  const timer = setTimeout(
    () => {
      fired = true
      selections.abort(ended)
    },
    Math.min(timeoutMs, 2 ** 31 - 1),
  )
  return { fired: () => fired, stop: () => clearTimeout(timer) }
}

function countPoints(startMs: number, endMs: number, stepMs: number, maxPoints: number): number {
  requireTimes(startMs, endMs)
  if (!(stepMs > 0) || !Number.isSafeInteger(stepMs)) {
    throw invalid(
      'zero or negative query resolution step widths are not accepted. Try a positive integer of milliseconds',
    )
  }
  if (endMs < startMs) throw invalid('end timestamp must not be before start time')
  const count = Math.floor((endMs - startMs) / stepMs) + 1
  if (count - 1 > maxPoints) {
    throw invalid(
      `exceeded maximum resolution of ${maxPoints.toLocaleString('en-US')} points per timeseries. ` +
        'Try decreasing the query resolution (?step=XX)',
    )
  }
  return count
}

function requireTimes(...timesMs: readonly number[]): void {
  for (const timeMs of timesMs) {
    if (!Number.isSafeInteger(timeMs)) throw invalid(`time ${timeMs} is not a whole number of milliseconds`)
  }
}

function requireRangeType(expression: Expression): void {
  const type = typeOf(expression)
  if (type === 'scalar' || type === 'vector') return
  const name = type === 'matrix' ? 'range vector' : type
  throw invalid(`invalid expression type "${name}" for range query, must be Scalar or instant Vector`)
}

const invalid = (message: string): PgherdError => new PgherdError('QUERY_INVALID', message)
