import { aggregators, arithmeticOperators, comparisonOperators, setOperators } from './syntax/ast.ts'
import type { Aggregator, BinaryOperator, Expression, Span } from './syntax/ast.ts'
import { checkExpression } from './syntax/check.ts'
import { findDeeperThan } from './syntax/children.ts'
import { createCursor } from './syntax/cursor.ts'
import type { Cursor } from './syntax/cursor.ts'
import { parseGroupingLabels, parseMatchers } from './syntax/parse-labels.ts'
import { parseOperatorModifiers } from './syntax/parse-matching.ts'
import { parsePostfix } from './syntax/parse-modifiers.ts'

/** How tightly an infix operator binds; `^` alone groups to the right. */
const binding = new Map<string, number>([
  ['or', 1],
  ['and', 2],
  ['unless', 2],
  ...comparisonOperators.map((operator): [string, number] => [operator, 3]),
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['atan2', 5],
  ['^', 6],
])
const powerBinding = 6
const infix = new Set<string>([...arithmeticOperators, ...comparisonOperators, ...setOperators])
const parameterised = new Set<Aggregator>([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
])
/** Deep enough for every generated query, shallow enough for the stack. */
const maxDepth = 250
const maxTreeDepth = 1000

/**
 * Parses and type-checks a PromQL expression.
 * @throws PgherdError QUERY_INVALID: `line:column: parse error: what was found, where, what was expected`.
 */
export function parseExpression(text: string): Expression {
  const cursor = createCursor(text)
  if (cursor.peek().kind === 'end') throw cursor.error(cursor.peek().span, 'no expression found in input')
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

function parseInfix(cursor: Cursor, minBinding: number, depth: number): Expression {
  if (depth > maxDepth) {
    throw cursor.error(cursor.peek().span, `expression is nested deeper than ${maxDepth} levels`)
  }
  let left = parseUnary(cursor, depth)
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
    const { bool, matching, explicit } = parseOperatorModifiers(cursor, operator as BinaryOperator)
    const right = parseInfix(cursor, operator === '^' ? power : power + 1, depth + 1)
    left = {
      kind: 'binary',
      operator: operator as BinaryOperator,
      left,
      right,
      bool,
      matching,
      explicitMatching: explicit,
      span: { start: left.span.start, end: right.span.end },
    }
  }
}

/** A sign binds tighter than * and looser than ^: -2^2 is -(2^2). */
function parseUnary(cursor: Cursor, depth: number): Expression {
  const sign = cursor.peek()
  if (sign.kind !== 'symbol' || (sign.text !== '+' && sign.text !== '-')) {
    return parsePostfix(cursor, parsePrimary(cursor, depth))
  }
  cursor.next()
  const operand = parseInfix(cursor, powerBinding, depth + 1)
  const span = { start: sign.span.start, end: operand.span.end }
  if (operand.kind === 'number') {
    return { ...operand, value: sign.text === '-' ? -operand.value : operand.value, span }
  }
  return { kind: 'unary', operator: sign.text, operand, span }
}

function parsePrimary(cursor: Cursor, depth: number): Expression {
  const token = cursor.peek()
  switch (token.kind) {
    case 'number':
    case 'duration':
      cursor.next()
      return { kind: 'number', value: token.number, span: token.span }
    case 'string':
      cursor.next()
      return { kind: 'string', value: token.text, span: token.span }
    case 'identifier':
      return parseIdentifier(cursor, depth)
    case 'symbol':
      if (token.text === '{') return parseSelector(cursor)
      if (token.text === '(') {
        cursor.next()
        if (cursor.atSymbol(')')) throw cursor.unexpected('parenthesised expression', 'an expression')
        const expression = parseInfix(cursor, 0, depth + 1)
        cursor.expectSymbol(')', 'parenthesised expression')
        return { kind: 'paren', expression, span: spanFrom(cursor, token.span) }
      }
      throw cursor.unexpected('')
    case 'end':
      throw cursor.unexpected('')
  }
}

function parseIdentifier(cursor: Cursor, depth: number): Expression {
  const token = cursor.peek()
  const word = token.text.toLowerCase()
  if (word === 'inf' || word === 'nan') {
    cursor.next()
    return { kind: 'number', value: word === 'inf' ? Infinity : NaN, span: token.span }
  }
  const following = cursor.peek(1)
  const called = following.kind === 'symbol' && following.text === '('
  const aggregator = aggregators.find((name) => name === word)
  const grouped = following.kind === 'identifier' && /^(?:by|without)$/i.test(following.text)
  if (aggregator !== undefined && (called || grouped)) return parseAggregation(cursor, aggregator, depth)
  if (called) {
    cursor.next()
    const args = parseArguments(cursor, `call to "${token.text}"`, depth)
    return { kind: 'call', name: token.text, args, span: spanFrom(cursor, token.span) }
  }
  return parseSelector(cursor)
}

function parseSelector(cursor: Cursor): Expression {
  const first = cursor.peek()
  const metric = first.kind === 'identifier' ? cursor.next() : undefined
  const matchers = parseMatchers(cursor, metric)
  const span = spanFrom(cursor, first.span)
  return { kind: 'selector', matchers, edges: undefined, offset: undefined, at: undefined, span }
}

function parseArguments(cursor: Cursor, context: string, depth: number): Expression[] {
  cursor.expectSymbol('(', context)
  const args: Expression[] = []
  if (cursor.takeSymbol(')')) return args
  for (;;) {
    args.push(parseInfix(cursor, 0, depth + 1))
    if (cursor.takeSymbol(')')) return args
    if (!cursor.atSymbol(',')) throw cursor.unexpected(context, '"," or ")"')
    cursor.next()
    if (cursor.atSymbol(')'))
      throw cursor.error(cursor.peek(-1).span, `trailing commas not allowed in ${context}`)
  }
}

function parseAggregation(cursor: Cursor, operator: Aggregator, depth: number): Expression {
  const token = cursor.next()
  const context = 'aggregation'
  let grouping = parseGrouping(cursor)
  if (!cursor.atSymbol('(')) throw cursor.unexpected(context, '"("')
  const args = parseArguments(cursor, context, depth)
  if (grouping === undefined) grouping = parseGrouping(cursor)
  const span = spanFrom(cursor, token.span)
  const wanted = parameterised.has(operator) ? 2 : 1
  if (args.length === 0) throw cursor.error(span, 'no arguments for aggregate expression provided')
  if (args.length !== wanted) {
    throw cursor.error(
      span,
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
    )
  }
  return {
    kind: 'aggregation',
    operator,
    parameter: wanted === 2 ? args[0] : undefined,
    expression: args[wanted - 1]!,
    grouping: grouping?.labels ?? [],
    without: grouping?.without ?? false,
    span,
  }
}

function parseGrouping(cursor: Cursor): { without: boolean; labels: string[] } | undefined {
  const without = cursor.atKeyword('without')
  if (!without && !cursor.atKeyword('by')) return undefined
  cursor.next()
  return { without, labels: parseGroupingLabels(cursor) }
}

function spanFrom(cursor: Cursor, first: Span): Span {
  return { start: first.start, end: cursor.lastEnd() }
}
