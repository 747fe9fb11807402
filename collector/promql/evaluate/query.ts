import { PgherdError } from '../../../common/errors.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { Call, Expression } from '../syntax/ast.ts'
import type { Annotations } from './annotations.ts'
import type { Pacer } from './pacer.ts'
import type { Grid, Value } from './values.ts'

/** What is wanted of the store: both ends included. */
export interface SelectedRange {
  readonly fromMs: number
  readonly toMs: number
  /** Only the newest sample of each series is looked at. */
  readonly newestOnly: boolean
}

/** What one running query knows about itself; every operator and function receives it. */
export interface Query {
  readonly text: string
  readonly startMs: number
  readonly endMs: number
  /** 0 for an instant query. */
  readonly stepMs: number
  readonly isRange: boolean
  readonly lookbackMs: number
  /** What an instant query was told for want of a step of its own; 0 for nothing. */
  readonly askedStepMs: number
  readonly defaultSubqueryStepMs: number
  readonly delayedNameRemoval: boolean
  /** Set inside an operation with keep_metric_names. */
  readonly keepNames: boolean
  /** The time of the engine's clock when the query began. */
  readonly nowMs: number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Cells (series x steps) that one operator may hold. */
  readonly maxSamples: number
  /** Called before memory is taken; what it throws ends the query. */
  readonly reserve: ((bytes: number) => void) | undefined
  readonly annotations: Annotations
  readonly pacer: Pacer
  /** Sub-expressions that have the same value at every step. */
  readonly invariant: ReadonlySet<Expression>
  /** Samples of a selector, sorted by labels; one selection per selector and range however often asked. */
  select(matchers: readonly Matcher[], range: SelectedRange): Promise<readonly SeriesSamples[]>
}

/** A function call with its evaluated arguments. */
export interface CallInput {
  readonly call: Call
  readonly args: readonly Value[]
  readonly grid: Grid
  readonly query: Query
}

export type FunctionImplementation = (input: CallInput) => Value | Promise<Value>

/** A value, and whether it is there. */
const cellBytes = 9

/** @throws PgherdError QUERY_LIMIT when an operator would hold more cells than allowed. */
export function reserveCells(query: Query, series: number, steps: number): void {
  if (series * steps > query.maxSamples) throw tooManySamples(query.maxSamples)
  query.reserve?.(series * steps * cellBytes)
}

/** The same for an operator that finds its series one by one, before the last of `series`. */
export function reserveNextSeries(query: Query, series: number, steps: number): void {
  if (series * steps > query.maxSamples) throw tooManySamples(query.maxSamples)
  query.reserve?.(steps * cellBytes)
}

export function tooManySamples(limit: number): PgherdError {
  return new PgherdError(
    'QUERY_LIMIT',
    `query processing would load too many samples into memory in query execution (limit ${limit})`,
    { details: { maxSamples: limit } },
  )
}

export function queryFailed(message: string): PgherdError {
  return new PgherdError('QUERY_FAILED', message)
}
