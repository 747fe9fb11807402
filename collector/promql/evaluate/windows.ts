import type { Duration, RangeSelector, Subquery, TimeShift, VectorSelector } from '../syntax/ast.ts'
import { durationProblem, durationSeconds } from '../syntax/duration-value.ts'
import { syntaxError } from '../syntax/syntax-error.ts'
import type { Query } from './query.ts'
import type { Grid } from './values.ts'

/** @throws PgherdError QUERY_INVALID when the duration is not positive, or not finite for an offset. */
function durationMs(duration: Duration, query: Query, positive: boolean): number {
  const seconds = durationSeconds(duration, query.stepMs / 1000, (query.endMs - query.startMs) / 1000)
  const problem = durationProblem(seconds, positive)
  if (problem !== undefined) throw syntaxError(query.text, duration.span, problem)
  return Math.round(seconds * 1000)
}

/** The times that a selector or subquery looks at: its grid moved by offset, or pinned by @ (step 0). */
export function shiftedTimes(
  shift: TimeShift,
  grid: Grid,
  query: Query,
): { firstMs: number; stepMs: number } {
  const offsetMs = shift.offset === undefined ? 0 : durationMs(shift.offset, query, false)
  if (shift.at === undefined) return { firstMs: grid.startMs - offsetMs, stepMs: grid.stepMs }
  const atMs = shift.at === 'start' ? query.startMs : shift.at === 'end' ? query.endMs : shift.at
  return { firstMs: atMs - offsetMs, stepMs: 0 }
}

/** What one selector needs from the store (both ends included) and how its windows lie. */
export interface SelectorWindow {
  readonly firstMs: number
  readonly stepMs: number
  /** Length of the window before each time; the left end is not part of it. */
  readonly rangeMs: number
  readonly fromMs: number
  readonly toMs: number
}

/** `timesOf` an instant selector look back by the query's lookback, those of a range selector by its range. */
export function selectorWindow(
  node: VectorSelector | RangeSelector,
  grid: Grid,
  query: Query,
): SelectorWindow {
  const selector = node.kind === 'range' ? node.selector : node
  const { firstMs, stepMs } = shiftedTimes(selector, grid, query)
  const rangeMs = node.kind === 'range' ? durationMs(node.range, query, true) : query.lookbackMs
  const lastMs = firstMs + (grid.count - 1) * stepMs
  // A value at an edge of the window is taken from the samples around the edge.
  const before = selector.edges === undefined || node.kind === 'selector' ? 0 : query.lookbackMs
  const after = selector.edges === 'smoothed' ? query.lookbackMs : 0
  return { firstMs, stepMs, rangeMs, fromMs: firstMs - rangeMs - before + 1, toMs: lastMs + after }
}

/** The windows of a subquery and the grid on which its expression is evaluated: multiples of its step. */
export function subqueryWindow(
  node: Subquery,
  grid: Grid,
  query: Query,
): { firstMs: number; stepMs: number; rangeMs: number; inner: Grid } {
  const { firstMs, stepMs } = shiftedTimes(node, grid, query)
  const rangeMs = durationMs(node.range, query, true)
  const innerStepMs =
    node.step === undefined ? query.defaultSubqueryStepMs : durationMs(node.step, query, true)
  const startMs = (Math.floor((firstMs - rangeMs) / innerStepMs) + 1) * innerStepMs
  const lastMs = firstMs + (grid.count - 1) * stepMs
  const count = Math.max(0, Math.floor((lastMs - startMs) / innerStepMs) + 1)
  return { firstMs, stepMs, rangeMs, inner: { startMs, stepMs: innerStepMs, count } }
}
