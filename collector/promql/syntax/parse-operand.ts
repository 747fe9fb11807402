import { aggregators, asOperand } from './ast.ts'
import type { Expression, Span } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { coerceArguments } from './coerce.ts'
import { parseAggregation } from './parse-aggregation.ts'
import { parseArguments } from './parse-arguments.ts'
import { keywords } from './keywords.ts'
import { addMatchers, parseMatchers } from './parse-labels.ts'
import { expandTemplate, findTemplate, readTemplateArguments } from './templates.ts'
import type { Template } from './template.ts'

/** A literal, selector, call, aggregation, parenthesis, or the name of a template. */
export function parsePrimary(cursor: Cursor, depth: number): Expression {
  const token = cursor.peek()
  switch (token.kind) {
    case 'number':
      cursor.next()
      return { kind: 'number', value: token.number, span: token.span }
    case 'duration':
      cursor.next()
      return token.steps > 0
        ? { kind: 'number', value: token.steps, inSteps: true, span: token.span }
        : { kind: 'number', value: token.number, span: token.span }
    case 'string':
      cursor.next()
      return { kind: 'string', value: token.text, span: token.span }
    case 'identifier':
      return parseIdentifier(cursor, depth)
    case 'symbol':
      if (token.text === '{') return parseSelector(cursor, depth)
      if (token.text === '(') return parseParenthesis(cursor, depth)
      throw cursor.unexpected('')
    case 'end':
      throw cursor.unexpected('')
  }
}

/** `(a)`, or the union `(a, b, ...)` of MetricsQL. */
function parseParenthesis(cursor: Cursor, depth: number): Expression {
  const open = cursor.next()
  const context = 'parenthesised expression'
  if (cursor.atSymbol(')')) throw cursor.unexpected(context, 'an expression')
  const expression = cursor.grammar.infix(cursor, 0, depth + 1)
  if (cursor.takeSymbol(')')) return { kind: 'paren', expression, span: spanFrom(cursor, open.span) }
  if (!cursor.takeSymbol(',')) throw cursor.unexpected(context, '")"')
  const args = [expression]
  while (!cursor.takeSymbol(')')) {
    args.push(cursor.grammar.infix(cursor, 0, depth + 1))
    if (!cursor.takeSymbol(',') && !cursor.atSymbol(')')) throw cursor.unexpected(context, '"," or ")"')
  }
  return {
    kind: 'call',
    name: 'union',
    args: coerceArguments('union', args),
    keepNames: false,
    span: spanFrom(cursor, open.span),
  }
}

function parseIdentifier(cursor: Cursor, depth: number): Expression {
  const token = cursor.peek()
  const following = cursor.peek(1)
  const called = following.kind === 'symbol' && following.text === '('
  const template = findTemplate(cursor.scope, token.text)
  if (template !== undefined && called === (template.parameters !== undefined)) {
    return parseTemplate(cursor, template, depth)
  }
  const word = token.text.toLowerCase()
  if (keywords.has(word)) throw cursor.unexpected('')
  if (word === 'inf' || word === 'nan') {
    cursor.next()
    return { kind: 'number', value: word === 'inf' ? Infinity : NaN, span: token.span }
  }
  const aggregator = aggregators.find((name) => name === word)
  const grouped = following.kind === 'identifier' && /^(?:by|without)$/i.test(following.text)
  if (aggregator !== undefined && (called || grouped)) return parseAggregation(cursor, aggregator, depth)
  if (called) {
    cursor.next()
    const args = coerceArguments(token.text, parseArguments(cursor, `call to "${token.text}"`, depth))
    return { kind: 'call', name: token.text, args, keepNames: false, span: spanFrom(cursor, token.span) }
  }
  return parseSelector(cursor, depth)
}

function parseTemplate(cursor: Cursor, template: Template, depth: number): Expression {
  const name = cursor.next()
  const args = template.parameters === undefined ? [] : readTemplateArguments(cursor, template)
  const body = expandTemplate(cursor, template, args, () => cursor.grammar.infix(cursor, 0, depth + 1))
  if (body.kind === 'selector' && cursor.atSymbol('{')) {
    const lists = addMatchers(cursor, [body.matchers, ...body.orMatchers], depth)
    const [matchers = [], ...orMatchers] = lists
    return { ...body, matchers, orMatchers, span: spanFrom(cursor, name.span) }
  }
  return asOperand(body)
}

function parseSelector(cursor: Cursor, depth: number): Expression {
  const first = cursor.peek()
  const metric = first.kind === 'identifier' ? cursor.next() : undefined
  const [matchers = [], ...orMatchers] = parseMatchers(cursor, metric, depth)
  const span = spanFrom(cursor, first.span)
  const shift = { edges: undefined, offset: undefined, at: undefined }
  return { kind: 'selector', matchers, orMatchers, ...shift, span }
}

function spanFrom(cursor: Cursor, first: Span): Span {
  return { start: first.start, end: cursor.lastEnd() }
}
