import type { Expression } from './syntax/ast.ts'
import { checkExpression } from './syntax/check.ts'
import { findDeeperThan } from './syntax/children.ts'
import { createCursor } from './syntax/cursor.ts'
import { parseInfix } from './syntax/parse-infix.ts'
import { parsePrimary } from './syntax/parse-operand.ts'

const maxTreeDepth = 1000

/**
 * Parses and type-checks a PromQL expression, additions of MetricsQL included (docs/metricsql.md).
 * @throws PgherdError QUERY_INVALID: `line:column: parse error: what was found, where, what was expected`.
 */
export function parseExpression(text: string): Expression {
  const cursor = createCursor(text, { infix: parseInfix, primary: parsePrimary })
  if (cursor.peek().kind === 'end')
    throw cursor.error({ start: 0, end: text.length }, 'no expression found in input')
  const expression = parseInfix(cursor, 0, 0)
  if (cursor.peek().kind !== 'end') throw cursor.unexpected('')
  // Operators in a row nest too, to the left, although the parser needs no depth for them.
  const deep = findDeeperThan(expression, maxTreeDepth)
  if (deep !== undefined) {
    throw cursor.error(deep.span, `expression is nested deeper than ${maxTreeDepth} levels`)
  }
  checkExpression(text, expression)
  return expression
}
