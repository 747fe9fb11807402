import type { PgherdError } from '../../../common/errors.ts'
import type { Duration } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { expandTemplate, findTemplate } from './templates.ts'

const binding: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 4 }
const unaryBinding = 3
const maxDepth = 100
type DurationOperator = '+' | '-' | '*' | '/' | '%' | '^'

/** A duration with operators, as inside brackets: `5m`, `300`, `step() * 2`, `max_of(1m, step())`. */
export function parseDuration(cursor: Cursor, context: string, minBinding = 0, depth = 0): Duration {
  const start = cursor.peek().span.start
  if (depth > maxDepth) throw tooDeep(cursor)
  let left = parseOperand(cursor, context, depth)
  for (let operators = 0; ; operators++) {
    if (operators > maxDepth) throw tooDeep(cursor)
    const operator = cursor.peek()
    const power = operator.kind === 'symbol' ? binding[operator.text] : undefined
    if (power === undefined || power < minBinding) return left
    cursor.next()
    const right = parseDuration(cursor, context, operator.text === '^' ? power : power + 1, depth + 1)
    const span = { start, end: cursor.lastEnd() }
    left = { kind: 'operation', operator: operator.text as DurationOperator, left, right, span }
  }
}

/** The duration after `offset`: a signed literal, function or parenthesis; operators belong to what follows. */
export function parseOffsetDuration(cursor: Cursor): Duration {
  const start = cursor.peek().span.start
  if (cursor.takeSymbol('+')) return parseAtom(cursor, 'offset', 0)
  if (cursor.takeSymbol('-')) {
    const operand = parseAtom(cursor, 'offset', 0)
    return { kind: 'negate', operand, span: { start, end: cursor.lastEnd() } }
  }
  return parseAtom(cursor, 'offset', 0)
}

function tooDeep(cursor: Cursor): PgherdError {
  return cursor.error(cursor.peek().span, `duration has more than ${maxDepth} operators or levels`)
}

function parseOperand(cursor: Cursor, context: string, depth: number): Duration {
  const start = cursor.peek().span.start
  if (cursor.takeSymbol('+')) return parseDuration(cursor, context, unaryBinding, depth + 1)
  if (cursor.takeSymbol('-')) {
    const operand = parseDuration(cursor, context, unaryBinding, depth + 1)
    return { kind: 'negate', operand, span: { start, end: cursor.lastEnd() } }
  }
  return parseAtom(cursor, context, depth)
}

function parseAtom(cursor: Cursor, context: string, depth: number): Duration {
  const token = cursor.peek()
  if (token.kind === 'number' || token.kind === 'duration') {
    cursor.next()
    if (token.steps > 0) return { kind: 'steps', value: token.steps, span: token.span }
    return { kind: 'seconds', value: token.number, span: token.span }
  }
  if (cursor.takeSymbol('(')) {
    const inner = parseDuration(cursor, context, 0, depth + 1)
    cursor.expectSymbol(')', context)
    return { ...inner, span: { start: token.span.start, end: cursor.lastEnd() } }
  }
  if (token.kind !== 'identifier') throw cursor.unexpected(context, 'number, duration, step(), or range()')
  const template = findTemplate(cursor.scope, token.text)
  if (template !== undefined) {
    cursor.next()
    return expandTemplate(cursor, template, [], () => parseDuration(cursor, context, 0, depth + 1))
  }
  const name = token.text.toLowerCase()
  if (name === 'step' || name === 'range') {
    cursor.next()
    cursor.expectSymbol('(', context)
    cursor.expectSymbol(')', context)
    return { kind: name, span: { start: token.span.start, end: cursor.lastEnd() } }
  }
  if (name === 'min_of' || name === 'max_of') {
    cursor.next()
    cursor.expectSymbol('(', context)
    const left = parseDuration(cursor, context, 0, depth + 1)
    cursor.expectSymbol(',', context)
    const right = parseDuration(cursor, context, 0, depth + 1)
    cursor.expectSymbol(')', context)
    return { kind: name, left, right, span: { start: token.span.start, end: cursor.lastEnd() } }
  }
  throw cursor.unexpected(context, 'number, duration, step(), or range()')
}
