import type { Duration, Edges, RangeSelector, Subquery, TimeShift, VectorSelector } from '../syntax/ast.ts'
import { durationProblem, durationSeconds } from '../syntax/duration-value.ts'
import { syntaxError } from '../syntax/syntax-error.ts'
import { tooManySamples } from './query.ts'
import type { Query, SelectedRange } from './query.ts'
import type { Grid } from './values.ts'

/** @throws PgherdError QUERY_INVALID when the duration is not positive, or not finite for an offset. */
function durationMs(duration: Duration, grid: Grid, query: Query, positive: boolean): number {
  const seconds = durationSeconds(duration, {
    step: query.stepMs / 1000,
    range: (query.endMs - query.startMs) / 1000,
    interval: intervalMs(grid, query) / 1000,
  })
  const problem = durationProblem(seconds, positive)
  if (problem !== undefined) throw syntaxError(query.text, duration.span, problem)
  return Math.round(seconds * 1000)
}

/** The step at hand: of an instant query, which has none, what it was told, else the lookback. */
export function intervalMs(grid: Grid, query: Query): number {
  return stepAtHand(grid, query) || query.lookbackMs
}

/** 0 where there is none. */
function stepAtHand(grid: Grid, query: Query): number {
  return grid.stepMs || query.stepMs || query.askedStepMs
}

/** The times that a selector or subquery looks at: its grid moved by offset, or pinned by @ (step 0). */
export function shiftedTimes(
  shift: TimeShift,
  grid: Grid,
  query: Query,
): { firstMs: number; stepMs: number } {
  const offsetMs = shift.offset === undefined ? 0 : durationMs(shift.offset, grid, query, false)
  if (shift.at === undefined) return { firstMs: grid.startMs - offsetMs, stepMs: grid.stepMs }
  const atMs = shift.at === 'start' ? query.startMs : shift.at === 'end' ? query.endMs : shift.at
  return { firstMs: atMs - offsetMs, stepMs: 0 }
}

/** The grid on which a shifted expression is evaluated: one time where @ pins it. */
export function shiftedGrid(shift: TimeShift, grid: Grid, query: Query): Grid {
  const { firstMs } = shiftedTimes(shift, grid, query)
  // The step is kept where @ pins the time: durations such as 5i refer to it.
  return { startMs: firstMs, stepMs: grid.stepMs, count: shift.at === undefined ? grid.count : 1 }
}

/** What one selector needs from the store and how its windows lie. */
export interface SelectorWindow extends SelectedRange {
  readonly firstMs: number
  readonly stepMs: number
  /** Length of the window before each time; the left end is not part of it. */
  readonly rangeMs: number
}

/**
 * An instant selector looks back by the query's lookback, a range selector by its range; `edges` are those of the
 * selector unless a function implies others.
 */
export function selectorWindow(
  node: VectorSelector | RangeSelector,
  grid: Grid,
  query: Query,
  edges: Edges = (node.kind === 'range' ? node.selector : node).edges,
): SelectorWindow {
  const selector = node.kind === 'range' ? node.selector : node
  const { firstMs, stepMs } = shiftedTimes(selector, grid, query)
  const rangeMs = node.kind === 'range' ? durationMs(node.range, grid, query, true) : query.lookbackMs
  const lastMs = firstMs + (grid.count - 1) * stepMs
  // A value at an edge of the window is taken from the samples around the edge.
  const widens = node.kind === 'range' && (edges !== undefined || leastGapsOf(node) > 0)
  const before = widens ? query.lookbackMs : 0
  const after = edges === 'smoothed' ? query.lookbackMs : 0
  return {
    firstMs,
    stepMs,
    rangeMs,
    fromMs: firstMs - rangeMs - before + 1,
    toMs: lastMs + after,
    newestOnly: node.kind === 'selector' && grid.count === 1 && after === 0,
  }
}

/** How many gaps between samples a window that was not written has to hold. */
export function leastGapsOf({ range }: RangeSelector): number {
  return range.kind === 'implicit' ? range.gaps : 0
}

function subqueryStepMs({ step }: Subquery, grid: Grid, query: Query): number {
  // An instant query may have no step that one left out could be taken from.
  const none = step === undefined || (step.kind === 'implicit' && stepAtHand(grid, query) === 0)
  return none ? query.defaultSubqueryStepMs : durationMs(step, grid, query, true)
}

/**
 * The windows of a subquery and the grid on which its expression is evaluated: multiples of its step.
 * @throws PgherdError QUERY_LIMIT when the grid alone has more steps than an operator may hold cells.
 */
export function subqueryWindow(
  node: Subquery,
  grid: Grid,
  query: Query,
  edges?: Edges,
): { firstMs: number; stepMs: number; rangeMs: number; inner: Grid } {
  const { firstMs, stepMs } = shiftedTimes(node, grid, query)
  const rangeMs = durationMs(node.range, grid, query, true)
  const innerStepMs = subqueryStepMs(node, grid, query)
  // With an edge the point before the first window counts as well.
  const ahead = edges === undefined ? 1 : 0
  const startMs = (Math.floor((firstMs - rangeMs) / innerStepMs) + ahead) * innerStepMs
  const lastMs = firstMs + (grid.count - 1) * stepMs
  const count = Math.max(0, Math.floor((lastMs - startMs) / innerStepMs) + 1)
  // Before anything is allocated for the steps, even for a number.
  if (count > query.maxSamples) throw tooManySamples(query.maxSamples)
  return { firstMs, stepMs, rangeMs, inner: { startMs, stepMs: innerStepMs, count } }
}
