import type { Expression, Shifted } from '../syntax/ast.ts'
import { queryFailed } from './query.ts'
import type { Query } from './query.ts'
import { broadcast } from './values.ts'
import type { Grid, Value } from './values.ts'
import { shiftedGrid } from './windows.ts'

type Evaluate = (node: Expression, grid: Grid, query: Query) => Promise<Value>

/** An expression at the times that its offset or @ leads to, put at the times of the grid. */
export async function evaluateShifted(
  node: Shifted,
  grid: Grid,
  query: Query,
  evaluate: Evaluate,
): Promise<Value> {
  const { atExpression } = node
  const at = atExpression === undefined ? node.at : await timeOf(atExpression, grid, query, evaluate)
  const pinned = at !== undefined
  const value = await evaluate(node.expression, shiftedGrid({ ...node, at }, grid, query), query)
  if (value.kind === 'matrix') return { ...value, stepMs: pinned ? 0 : value.stepMs, grid }
  return pinned ? broadcast(value, grid.count) : value
}

/** The time, in milliseconds, that an expression after @ gives at the first step. */
async function timeOf(node: Expression, grid: Grid, query: Query, evaluate: Evaluate): Promise<number> {
  const value = await evaluate(node, { ...grid, count: 1 }, query)
  const single = value.kind === 'scalar' || (value.kind === 'vector' && value.labels.length === 1)
  const seconds = single && 'values' in value ? value.values[0]! : NaN
  const timeMs = Math.round(seconds * 1000)
  if (!Number.isSafeInteger(timeMs)) throw queryFailed('the expression after @ gives no time')
  return timeMs
}
