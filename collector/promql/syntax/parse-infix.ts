import {
  asOperand,
  arithmeticOperators,
  comparisonOperators,
  conditionalOperators,
  setOperators,
} from './ast.ts'
import type { Binary, BinaryOperator, Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseOperatorModifiers } from './parse-matching.ts'
import { parsePostfix } from './parse-modifiers.ts'
import { readTemplates } from './templates.ts'

/** How tightly an infix operator binds; `^` alone groups to the right. */
const binding = new Map<string, number>([
  ['default', 1],
  ['if', 2],
  ['ifnot', 2],
  ['or', 3],
  ['and', 4],
  ['unless', 4],
  ...comparisonOperators.map((operator): [string, number] => [operator, 5]),
  ['+', 6],
  ['-', 6],
  ['*', 7],
  ['/', 7],
  ['%', 7],
  ['atan2', 7],
  ['^', 8],
])
const powerBinding = 8
const infix = new Set<string>([
  ...arithmeticOperators,
  ...comparisonOperators,
  ...setOperators,
  ...conditionalOperators,
])
/** Deep enough for every generated query, shallow enough for the stack. */
const maxDepth = 250

/** Operands joined by operators that bind at least as tightly as `minBinding`. */
export function parseInfix(cursor: Cursor, minBinding: number, depth: number): Expression {
  if (depth > maxDepth) {
    throw cursor.error(cursor.peek().span, `expression is nested deeper than ${maxDepth} levels`)
  }
  let left = parseUnary(cursor, minBinding, depth)
  for (;;) {
    const token = cursor.peek()
    if (token.kind === 'symbol' && (token.text === '</' || token.text === '>/')) {
      throw cursor.error(
        token.span,
        `operator "${token.text}" trims native histograms, which are not supported`,
      )
    }
    const operator = token.kind === 'symbol' || token.kind === 'identifier' ? token.text.toLowerCase() : ''
    const power = infix.has(operator) ? binding.get(operator)! : 0
    if (power === 0 || power < minBinding) return left
    cursor.next()
    const { bool, matching, explicit } = parseOperatorModifiers(
      cursor,
      operator as BinaryOperator,
      left.span,
      token.span,
    )
    const right = parseInfix(cursor, operator === '^' ? power : power + 1, depth + 1)
    const span = { start: left.span.start, end: right.span.end }
    if (left.kind === 'string' && right.kind === 'string' && operator === '+') {
      left = { kind: 'string', value: left.value + right.value, span }
      continue
    }
    const keepNames = cursor.takeKeyword('keep_metric_names')
    const binary: Binary = {
      kind: 'binary',
      operator: operator as BinaryOperator,
      left,
      right,
      bool,
      matching,
      explicitMatching: explicit,
      keepNames,
      span,
      operatorSpan: token.span,
    }
    left = keepNames ? { kind: 'paren', expression: binary, span } : binary
  }
}

/** A sign binds tighter than * and looser than ^: -2^2 is -(2^2). */
function parseUnary(cursor: Cursor, minBinding: number, depth: number): Expression {
  const sign = cursor.peek()
  if (sign.kind !== 'symbol' || (sign.text !== '+' && sign.text !== '-')) {
    const { scope } = cursor
    if (atTemplates(cursor)) {
      cursor.next()
      readTemplates(cursor)
      // The templates hold for everything after them, up to the end of the surrounding parenthesis.
      const expression = parseInfix(cursor, 0, depth + 1)
      cursor.scope = scope
      return minBinding > 0 ? asOperand(expression) : expression
    }
    return parsePostfix(cursor, cursor.grammar.primary(cursor, depth), depth)
  }
  cursor.next()
  const operand = parseInfix(cursor, powerBinding, depth + 1)
  const span = { start: sign.span.start, end: operand.span.end }
  if (operand.kind === 'number') {
    return { ...operand, value: sign.text === '-' ? -operand.value : operand.value, span }
  }
  return { kind: 'unary', operator: sign.text, operand, span }
}

function atTemplates(cursor: Cursor): boolean {
  const following = cursor.peek(1)
  return cursor.atKeyword('with') && following.kind === 'symbol' && following.text === '('
}
