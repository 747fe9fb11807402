import { aggregate } from '../aggregate/aggregate.ts'
import { edgeProblem, functions } from '../functions/registry.ts'
import { unwrap } from '../syntax/ast.ts'
import type { Aggregation, Binary, Call, Edges, Expression, RangeSelector, Subquery } from '../syntax/ast.ts'
import { isConditionalOperator, isSetOperator } from '../syntax/ast.ts'
import { typeOf } from '../syntax/check.ts'
import { aggregateCall } from './aggregate-call.ts'
import { scalarWithScalar, vectorWithScalar } from './binary-scalar.ts'
import { vectorWithVector } from './binary-vector.ts'
import { conditionalOperation } from './conditional-operators.ts'
import { joinInfo } from './info.ts'
import { queryFailed } from './query.ts'
import type { Query } from './query.ts'
import { selectInstant } from './select-instant.ts'
import { selectRange, selectSubquery } from './select-range.ts'
import { impliedRange } from './range-edges.ts'
import { dropNames } from './series-merge.ts'
import { setOperation } from './set-operators.ts'
import { evaluateShifted } from './shift.ts'
import { broadcast } from './values.ts'
import type { Grid, RangeVector, Value, Vector } from './values.ts'
import { intervalMs } from './windows.ts'

/**
 * Evaluates a checked expression at all times of the grid.
 * @throws PgherdError QUERY_FAILED, QUERY_LIMIT, TIMED_OUT or CANCELLED.
 */
export async function evaluate(node: Expression, grid: Grid, query: Query): Promise<Value> {
  if (query.pacer.due()) await query.pacer.pause()
  if (grid.count > 1 && query.invariant.has(node) && typeOf(node) !== 'matrix') {
    return broadcast(await evaluateNode(node, { ...grid, count: 1 }, query), grid.count)
  }
  return evaluateNode(node, grid, query)
}

async function evaluateNode(node: Expression, grid: Grid, query: Query): Promise<Value> {
  switch (node.kind) {
    case 'number':
      return {
        kind: 'scalar',
        values: new Float64Array(grid.count).fill(
          node.inSteps === true ? (node.value * intervalMs(grid, query)) / 1000 : node.value,
        ),
      }
    case 'string':
      return { kind: 'string', value: node.value }
    case 'selector':
      return selectInstant(node, grid, query, false)
    case 'range':
    case 'subquery':
      return evaluateRange(node, grid, query)
    case 'paren':
      return evaluate(node.expression, grid, query)
    case 'unary':
      return negate(node.operator, await evaluate(node.operand, grid, query), query)
    case 'shifted':
      return evaluateShifted(node, grid, query, evaluate)
    case 'binary':
      return evaluateBinary(node, grid, node.keepNames ? { ...query, keepNames: true } : query)
    case 'aggregation':
      return evaluateAggregation(node, grid, query)
    case 'call':
      return evaluateCall(node, grid, query)
  }
}

/** `edges` stands in where the text names none. */
function evaluateRange(
  node: RangeSelector | Subquery,
  grid: Grid,
  query: Query,
  edges?: Edges,
): Promise<RangeVector> {
  if (node.kind === 'range') return selectRange(node, grid, query, edges ?? node.selector.edges)
  const inner = (times: Grid): Promise<Vector> => evaluateVector(node.expression, times, query)
  return selectSubquery(node, grid, query, inner, edges)
}

async function evaluateVector(node: Expression, grid: Grid, query: Query): Promise<Vector> {
  const value = await evaluate(node, grid, query)
  if (value.kind !== 'vector') throw new Error(`a ${value.kind} stands where a vector was checked for`)
  return value
}

async function negate(operator: '+' | '-', value: Value, query: Query): Promise<Value> {
  if (operator === '+' || value.kind === 'string' || value.kind === 'matrix') return value
  const values = value.values.map((number) => -number)
  return value.kind === 'scalar' ? { ...value, values } : dropNames({ ...value, values }, query)
}

async function evaluateBinary(node: Binary, grid: Grid, query: Query): Promise<Value> {
  const left = await evaluate(node.left, grid, query)
  const right = await evaluate(node.right, grid, query)
  if (isConditionalOperator(node.operator)) return conditionalOperation(node, left, right, query)
  if (left.kind === 'scalar' && right.kind === 'scalar') return scalarWithScalar(node, left, right)
  if (left.kind === 'vector' && right.kind === 'scalar') {
    return vectorWithScalar(node, left, right, false, query)
  }
  if (left.kind === 'scalar' && right.kind === 'vector') {
    return vectorWithScalar(node, right, left, true, query)
  }
  if (left.kind !== 'vector' || right.kind !== 'vector') {
    throw new Error(`${left.kind} ${node.operator} ${right.kind} passed the type check`)
  }
  return isSetOperator(node.operator)
    ? setOperation(node, left, right, query)
    : vectorWithVector(node, left, right, query)
}

async function evaluateAggregation(node: Aggregation, grid: Grid, query: Query): Promise<Value> {
  const atOnce = await aggregateCall(node, grid, query)
  if (atOnce !== undefined) return atOnce
  const parameter = node.parameter === undefined ? undefined : await evaluate(node.parameter, grid, query)
  const rest = node.rest === undefined ? undefined : await evaluate(node.rest, grid, query)
  return aggregate(node, await evaluateVector(node.expression, grid, query), parameter, rest, query)
}

async function evaluateCall(call: Call, grid: Grid, query: Query): Promise<Value> {
  if (call.name === 'info')
    return joinInfo(call, await evaluateVector(call.args[0]!, grid, query), grid, query)
  if (call.name === 'timestamp') {
    const selector = unwrap(call.args[0]!)
    if (selector.kind === 'selector') {
      return dropNames(await selectInstant(selector, grid, query, true), query)
    }
  }
  if (call.name === 'default_rollup') {
    const range = unwrap(call.args[0]!)
    if (range.kind === 'range') {
      const window = range.range.kind === 'implicit' ? undefined : range
      return selectInstant(range.selector, grid, query, false, window)
    }
  }
  const implementation = functions.get(call.name)
  if (implementation === undefined) throw new Error(`${call.name} has a signature but no implementation`)
  const args: Value[] = []
  for (const arg of call.args) {
    const implied = impliedRange(call.name, arg)
    if (implied !== undefined) {
      args.push(await evaluateRange(implied.node, grid, query, implied.edges))
      continue
    }
    const value = await evaluate(arg, grid, query)
    const problem =
      value.kind === 'matrix' && value.edges !== undefined ? edgeProblem(value.edges, call.name) : undefined
    if (problem !== undefined) throw queryFailed(problem)
    args.push(value)
  }
  return implementation({ call, args, grid, query: call.keepNames ? { ...query, keepNames: true } : query })
}
