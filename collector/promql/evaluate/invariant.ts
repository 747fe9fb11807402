import type { Call, Expression } from '../syntax/ast.ts'
import { unwrap } from '../syntax/ast.ts'

const timeDependent: ReadonlySet<string> = new Set([
  'time',
  'predict_linear',
  'lag',
  'lifetime',
  'minute',
  'hour',
  'day_of_week',
  'day_of_month',
  'day_of_year',
  'days_in_month',
  'month',
  'year',
])

/**
 * Sub-expressions with the same value at every step of a query, because @ pins everything in them: evaluated once.
 * Literals are left out; repeating them costs nothing.
 */
export function invariantExpressions(expression: Expression): ReadonlySet<Expression> {
  const found = new Set<Expression>()
  visit(expression, found)
  return found
}

function visit(expression: Expression, found: Set<Expression>): boolean {
  const invariant = isInvariant(expression, found)
  if (invariant && expression.kind !== 'number' && expression.kind !== 'string') found.add(expression)
  return invariant
}

function isInvariant(expression: Expression, found: Set<Expression>): boolean {
  switch (expression.kind) {
    case 'number':
    case 'string':
      return true
    case 'selector':
      return expression.at !== undefined
    case 'range':
      return expression.selector.at !== undefined
    case 'subquery':
      visit(expression.expression, found)
      return expression.at !== undefined
    case 'shifted': {
      const inner = visit(expression.expression, found)
      if (expression.atExpression !== undefined) visit(expression.atExpression, found)
      return expression.at !== undefined || (expression.atExpression === undefined && inner)
    }
    case 'paren':
      return visit(expression.expression, found)
    case 'unary':
      return visit(expression.operand, found)
    case 'binary': {
      const left = visit(expression.left, found)
      return visit(expression.right, found) && left
    }
    case 'aggregation': {
      const parameter = expression.parameter === undefined || visit(expression.parameter, found)
      return visit(expression.expression, found) && parameter
    }
    case 'call': {
      let all = true
      for (const arg of expression.args) if (!visit(arg, found)) all = false
      return all && !dependsOnTime(expression)
    }
  }
}

function dependsOnTime(call: Call): boolean {
  // timestamp() of a selector is the time of its samples, of anything else the evaluation time.
  if (call.name === 'timestamp') return unwrap(call.args[0]!).kind !== 'selector'
  return timeDependent.has(call.name) || call.args.length === 0 || call.name === 'info'
}
