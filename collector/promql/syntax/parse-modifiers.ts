import type {
  AtTime,
  Duration,
  Edges,
  Expression,
  RangeSelector,
  Shifted,
  Span,
  Subquery,
  VectorSelector,
} from './ast.ts'
import { typeOf } from './check.ts'
import type { Cursor } from './cursor.ts'
import { parseDuration, parseOffsetDuration } from './parse-duration.ts'
import { findTemplate } from './templates.ts'

type Shiftable = VectorSelector | RangeSelector | Subquery | Shifted

/** Everything that may follow an operand: [range], [range:step], offset, @, anchored, smoothed, keep_metric_names. */
export function parsePostfix(cursor: Cursor, operand: Expression, depth: number): Expression {
  let expression = operand
  for (;;) {
    if (cursor.atSymbol('[')) expression = parseBrackets(cursor, expression)
    else if (cursor.atKeyword('offset')) expression = parseOffset(cursor, expression)
    else if (cursor.atSymbol('@')) expression = parseAt(cursor, expression, depth)
    else if (cursor.atKeyword('keep_metric_names') && canKeepNames(expression)) {
      cursor.next()
      expression = keepingNames(expression)
    } else if (cursor.atKeyword('anchored') || cursor.atKeyword('smoothed')) {
      expression = parseEdges(cursor, expression)
    } else return expression
  }
}

function parseBrackets(cursor: Cursor, expression: Expression): Expression {
  const bracket = cursor.expectSymbol('[', '')
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
  if (expression.kind !== 'selector') {
    if (typeOf(expression) !== 'vector')
      throw cursor.error(bracket.span, 'ranges only allowed for vector selectors')
    // MetricsQL takes a window after any vector for a subquery.
    const step: Duration = { kind: 'implicit', gaps: 0, span }
    return { kind: 'subquery', expression, range, step, offset: undefined, at: undefined, span }
  }
  if (expression.offset !== undefined) {
    throw cursor.error(bracket.span, 'no offset modifiers allowed before range')
  }
  if (expression.at !== undefined) throw cursor.error(bracket.span, 'no @ modifiers allowed before range')
  if (expression.edges !== undefined) {
    throw cursor.error(bracket.span, `no ${expression.edges} modifier allowed before range`)
  }
  return { kind: 'range', selector: expression, range, span }
}

function parseOffset(cursor: Cursor, expression: Expression): Expression {
  cursor.next()
  const shiftable = asShiftable(expression)
  if (shiftable === undefined) {
    throw cursor.error(
      expression.span,
      'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    )
  }
  const offset = parseOffsetDuration(cursor)
  const shifted = shiftable.kind === 'range' ? shiftable.selector : shiftable
  if (shifted.offset !== undefined) {
    throw cursor.error(expression.span, 'offset may not be set multiple times')
  }
  const end = cursor.lastEnd()
  return withShift(shiftable, (target) => ({ ...target, offset }), end)
}

function parseAt(cursor: Cursor, expression: Expression, depth: number): Expression {
  cursor.next()
  const shiftable = asShiftable(expression)
  if (shiftable === undefined) {
    throw cursor.error(
      expression.span,
      '@ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    )
  }
  const atExpression = atComputedTime(cursor) ? cursor.grammar.primary(cursor, depth + 1) : undefined
  const at = atExpression === undefined ? parseAtTime(cursor, expression.span) : undefined
  const shifted = shiftable.kind === 'range' ? shiftable.selector : shiftable
  if (shifted.at !== undefined || (shiftable.kind === 'shifted' && shiftable.atExpression !== undefined)) {
    throw cursor.error(expression.span, '@ <timestamp> may not be set multiple times')
  }
  if (atExpression === undefined) {
    return withShift(shiftable, (target) => ({ ...target, at }), cursor.lastEnd())
  }
  const span = { start: expression.span.start, end: cursor.lastEnd() }
  if (shiftable.kind === 'shifted') return { ...shiftable, atExpression, span }
  return { kind: 'shifted', expression, offset: undefined, at: undefined, atExpression, span }
}

/** MetricsQL: a time that is worked out. Of a bare name Prometheus' error says more. */
function atComputedTime(cursor: Cursor): boolean {
  if (cursor.atSymbol('(')) return true
  const token = cursor.peek()
  if (token.kind !== 'identifier') return false
  if (findTemplate(cursor.scope, token.text) !== undefined) return true
  const following = cursor.peek(1)
  const called = following.kind === 'symbol' && following.text === '('
  return called && !/^(?:start|end)$/i.test(token.text)
}

function parseAtTime(cursor: Cursor, whole: Span): AtTime {
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
    throw cursor.error(whole, `timestamp out of bounds for @ modifier: ${token.text}`)
  }
  if (token.kind !== 'number' && token.kind !== 'duration') {
    throw cursor.unexpected('@', 'timestamp, start() or end()')
  }
  cursor.next()
  const timeMs = Math.round(token.number * 1000)
  if (!Number.isSafeInteger(timeMs)) {
    throw cursor.error(whole, `timestamp out of bounds for @ modifier: ${token.text}`)
  }
  return negative ? -timeMs : timeMs
}

function parseEdges(cursor: Cursor, expression: Expression): Expression {
  const token = cursor.next()
  const edges: Edges = token.text.toLowerCase() === 'anchored' ? 'anchored' : 'smoothed'
  const instant = expression.kind === 'selector'
  if ((!instant && expression.kind !== 'range') || (instant && edges === 'anchored')) {
    const allowed = edges === 'anchored' ? 'a range' : 'an instant or range'
    throw cursor.error(token.span, `${edges} modifier must be preceded by ${allowed} vector selector`)
  }
  if ((instant ? expression : expression.selector).edges !== undefined) {
    throw cursor.error(token.span, 'anchored and smoothed may not be set multiple times or together')
  }
  const end = cursor.lastEnd()
  if (instant) return { ...expression, edges, span: { start: expression.span.start, end } }
  const selector = { ...expression.selector, edges }
  return { ...expression, selector, span: { start: expression.span.start, end } }
}

/** What an offset or @ after the expression belongs to; undefined for literals. */
function asShiftable(expression: Expression): Shiftable | undefined {
  switch (expression.kind) {
    case 'selector':
    case 'range':
    case 'subquery':
    case 'shifted':
      return expression
    case 'number':
    case 'string':
      return undefined
    case 'call':
    case 'aggregation':
    case 'binary':
    case 'unary':
    case 'paren': {
      const none = { offset: undefined, at: undefined, atExpression: undefined }
      return { kind: 'shifted', expression, ...none, span: expression.span }
    }
  }
}

function withShift(
  expression: Shiftable,
  shift: <Target extends VectorSelector | Subquery | Shifted>(target: Target) => Target,
  end: number,
): Expression {
  const span = { start: expression.span.start, end }
  if (expression.kind === 'range') {
    return { ...expression, selector: shift(expression.selector), span }
  }
  return { ...shift(expression), span }
}

function canKeepNames(expression: Expression): boolean {
  return (
    expression.kind === 'call' || (expression.kind === 'paren' && expression.expression.kind === 'binary')
  )
}

function keepingNames(expression: Expression): Expression {
  if (expression.kind === 'call') return { ...expression, keepNames: true }
  if (expression.kind !== 'paren' || expression.expression.kind !== 'binary') return expression
  return { ...expression, expression: { ...expression.expression, keepNames: true } }
}
