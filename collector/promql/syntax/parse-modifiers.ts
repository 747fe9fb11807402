import type { AtTime, Expression, RangeSelector, Subquery, VectorSelector } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseDuration, parseOffsetDuration } from './parse-duration.ts'

type Shiftable = VectorSelector | RangeSelector | Subquery

/** Everything that may follow an operand: [range], [range:step], offset, @, anchored, smoothed. */
export function parsePostfix(cursor: Cursor, operand: Expression): Expression {
  let expression = operand
  for (;;) {
    if (cursor.atSymbol('[')) expression = parseBrackets(cursor, expression)
    else if (cursor.atKeyword('offset')) expression = parseOffset(cursor, expression)
    else if (cursor.atSymbol('@')) expression = parseAt(cursor, expression)
    else if (cursor.atKeyword('anchored') || cursor.atKeyword('smoothed')) {
      expression = parseEdges(cursor, expression)
    } else return expression
  }
}

function parseBrackets(cursor: Cursor, expression: Expression): Expression {
  cursor.expectSymbol('[', '')
  const context = 'subquery or range'
  if (cursor.atSymbol(']')) throw cursor.error(cursor.peek().span, 'missing duration in range selector')
  const range = parseDuration(cursor, context)
  if (cursor.takeSymbol(':')) {
    const step = cursor.atSymbol(']') ? undefined : parseDuration(cursor, context)
    cursor.expectSymbol(']', context)
    const span = { start: expression.span.start, end: cursor.lastEnd() }
    return { kind: 'subquery', expression, range, step, offset: undefined, at: undefined, span }
  }
  if (!cursor.atSymbol(']')) throw cursor.unexpected(context, '":" or "]"')
  cursor.next()
  const span = { start: expression.span.start, end: cursor.lastEnd() }
  if (expression.kind !== 'selector') throw cursor.error(span, 'ranges only allowed for vector selectors')
  if (expression.offset !== undefined) {
    throw cursor.error(span, 'no offset modifiers allowed before range')
  }
  if (expression.at !== undefined) throw cursor.error(span, 'no @ modifiers allowed before range')
  if (expression.edges !== undefined) {
    throw cursor.error(span, `no ${expression.edges} modifier allowed before range`)
  }
  return { kind: 'range', selector: expression, range, span }
}

function parseOffset(cursor: Cursor, expression: Expression): Expression {
  const keyword = cursor.next()
  if (!isShiftable(expression)) {
    throw cursor.error(
      keyword.span,
      'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    )
  }
  const offset = parseOffsetDuration(cursor)
  const shifted = expression.kind === 'range' ? expression.selector : expression
  if (shifted.offset !== undefined) {
    throw cursor.error(keyword.span, 'offset may not be set multiple times')
  }
  const end = cursor.lastEnd()
  return withShift(expression, (target) => ({ ...target, offset }), end)
}

function parseAt(cursor: Cursor, expression: Expression): Expression {
  const symbol = cursor.next()
  if (!isShiftable(expression)) {
    throw cursor.error(
      symbol.span,
      '@ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    )
  }
  const at = parseAtTime(cursor)
  const shifted = expression.kind === 'range' ? expression.selector : expression
  if (shifted.at !== undefined) {
    throw cursor.error(symbol.span, '@ <timestamp> may not be set multiple times')
  }
  return withShift(expression, (target) => ({ ...target, at }), cursor.lastEnd())
}

function parseAtTime(cursor: Cursor): AtTime {
  const edge = cursor.atKeyword('start') ? 'start' : cursor.atKeyword('end') ? 'end' : undefined
  if (edge !== undefined) {
    cursor.next()
    cursor.expectSymbol('(', '@')
    cursor.expectSymbol(')', '@')
    return edge
  }
  const negative = cursor.takeSymbol('-')
  if (!negative) cursor.takeSymbol('+')
  const token = cursor.peek()
  if (token.kind === 'identifier' && /^(?:inf|nan)$/i.test(token.text)) {
    throw cursor.error(token.span, `timestamp out of bounds for @ modifier: ${token.text}`)
  }
  if (token.kind !== 'number' && token.kind !== 'duration') {
    throw cursor.unexpected('@', 'timestamp, start() or end()')
  }
  cursor.next()
  const timeMs = Math.round(token.number * 1000)
  if (!Number.isSafeInteger(timeMs)) {
    throw cursor.error(token.span, `timestamp out of bounds for @ modifier: ${token.text}`)
  }
  return negative ? -timeMs : timeMs
}

function parseEdges(cursor: Cursor, expression: Expression): Expression {
  const token = cursor.next()
  const edges = token.text.toLowerCase() === 'anchored' ? 'anchored' : 'smoothed'
  const instant = expression.kind === 'selector'
  if ((!instant && expression.kind !== 'range') || (instant && edges === 'anchored')) {
    const allowed = edges === 'anchored' ? 'a range' : 'an instant or range'
    throw cursor.error(token.span, `${edges} modifier must be preceded by ${allowed} vector selector`)
  }
  if ((instant ? expression : expression.selector).edges !== undefined) {
    throw cursor.error(token.span, 'anchored and smoothed may not be set multiple times or together')
  }
  return withShift(expression, (target) => ({ ...target, edges }), cursor.lastEnd())
}

function isShiftable(expression: Expression): expression is Shiftable {
  return expression.kind === 'selector' || expression.kind === 'range' || expression.kind === 'subquery'
}

function withShift(
  expression: Shiftable,
  shift: <Target extends VectorSelector | Subquery>(target: Target) => Target,
  end: number,
): Expression {
  const span = { start: expression.span.start, end }
  if (expression.kind === 'range') {
    return { ...expression, selector: shift(expression.selector), span }
  }
  return { ...shift(expression), span }
}
