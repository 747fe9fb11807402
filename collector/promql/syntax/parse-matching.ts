import type { BinaryOperator, Matching, Span } from './ast.ts'
import { isConditionalOperator, isSetOperator } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseGroupingLabels } from './parse-labels.ts'

export interface OperatorModifiers {
  readonly bool: boolean
  readonly matching: Matching
  readonly explicit: boolean
}

const isManyToMany = (operator: BinaryOperator): boolean =>
  isSetOperator(operator) || isConditionalOperator(operator)

/** What may stand between a binary operator and its right operand: bool, on/ignoring, group_*, fill*. */
export function parseOperatorModifiers(
  cursor: Cursor,
  operator: BinaryOperator,
  left: Span,
  operatorSpan: Span,
): OperatorModifiers {
  const bool = cursor.takeKeyword('bool')
  const afterBool = cursor.peek().span.start
  let matching: Matching = {
    on: false,
    labels: [],
    cardinality: isManyToMany(operator) ? 'many-to-many' : 'one-to-one',
    include: [],
    fillLeft: undefined,
    fillRight: undefined,
  }
  if (atClause(cursor, 'on') || atClause(cursor, 'ignoring')) {
    const on = cursor.next().text.toLowerCase() === 'on'
    matching = { ...matching, on, labels: parseGroupingLabels(cursor) }
    if (cursor.atKeyword('group_left') || cursor.atKeyword('group_right')) {
      matching = parseGroupModifier(cursor, operator, matching, left, operatorSpan)
    }
  }
  matching = parseFill(cursor, operator, matching)
  if (bool && !/^(?:[!=<>]=|<|>)$/.test(operator)) {
    throw cursor.error(operatorSpan, 'bool modifier can only be used on comparison operators')
  }
  return { bool, matching, explicit: cursor.peek().span.start !== afterBool }
}

function parseGroupModifier(
  cursor: Cursor,
  operator: BinaryOperator,
  matching: Matching,
  leftSpan: Span,
  operatorSpan: Span,
): Matching {
  const token = cursor.next()
  const left = token.text.toLowerCase() === 'group_left'
  if (isManyToMany(operator)) {
    throw cursor.error(leftSpan, `no grouping allowed for "${operator}" operation`)
  }
  // A parenthesis directly after is the label list; `group_left (a)` can mean nothing else.
  const include = cursor.atSymbol('(') ? parseGroupingLabels(cursor) : []
  const twice = matching.on ? include.find((label) => matching.labels.includes(label)) : undefined
  if (twice !== undefined) {
    throw cursor.error(operatorSpan, `label "${twice}" must not occur in ON and GROUP clause at once`)
  }
  return { ...matching, cardinality: left ? 'many-to-one' : 'one-to-many', include }
}

function parseFill(cursor: Cursor, operator: BinaryOperator, matching: Matching): Matching {
  let { fillLeft, fillRight } = matching
  for (;;) {
    const keyword = (['fill', 'fill_left', 'fill_right'] as const).find((name) => atClause(cursor, name))
    if (keyword === undefined) return { ...matching, fillLeft, fillRight }
    const token = cursor.next()
    if (isManyToMany(operator)) {
      throw cursor.error(token.span, 'filling in missing series not allowed for set operators')
    }
    const repeated =
      (keyword !== 'fill_right' && fillLeft !== undefined) ||
      (keyword !== 'fill_left' && fillRight !== undefined)
    if (repeated) throw cursor.error(token.span, `${keyword} may not be set multiple times`)
    const value = parseFillValue(cursor)
    if (keyword !== 'fill_right') fillLeft = value
    if (keyword !== 'fill_left') fillRight = value
  }
}

function parseFillValue(cursor: Cursor): number {
  cursor.expectSymbol('(', 'fill modifier')
  const negative = cursor.takeSymbol('-')
  if (!negative) cursor.takeSymbol('+')
  const token = cursor.peek()
  const word = token.kind === 'identifier' ? token.text.toLowerCase() : ''
  const value = word === 'inf' ? Infinity : token.number
  if (Number.isNaN(value) && word !== 'nan') throw cursor.unexpected('fill modifier', 'number')
  cursor.next()
  cursor.expectSymbol(')', 'fill modifier')
  return negative ? -value : value
}

/** A keyword that opens a parenthesis; without one it would be the name of a metric. */
function atClause(cursor: Cursor, keyword: string): boolean {
  const following = cursor.peek(1)
  return cursor.atKeyword(keyword) && following.kind === 'symbol' && following.text === '('
}
