import { metricNameLabel } from '../../../common/series/label-set.ts'
import { matcherOperators } from '../../../common/series/matcher.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { Cursor } from './cursor.ts'
import { regexProblem } from './regex.ts'
import { expandTemplate, findTemplate } from './templates.ts'
import type { Template } from './template.ts'
import type { Token } from './token.ts'

/** Lists of matchers: a series is selected when it passes any of the lists. */
type MatcherLists = readonly (readonly Matcher[])[]
/** The same while it grows: in place, for a query may have any number of matchers. */
type GrowingLists = Matcher[][]
const maxLists = 1000

/** `{a="b", "quoted name"=~"c", "metric.name"}` or `{a="1" or a="2"}`, the cursor at the left brace or past a name. */
export function parseMatchers(cursor: Cursor, metric: Token | undefined, depth: number): MatcherLists {
  if (metric === undefined) return addMatchers(cursor, [[]], depth)
  const named: Matcher = { name: metricNameLabel, operator: '=', value: metric.text }
  return cursor.atSymbol('{') ? addMatchers(cursor, [[named]], depth) : [[named]]
}

/** Every list of `base` combined with every list between the braces that follow. */
export function addMatchers(cursor: Cursor, base: MatcherLists, depth: number): MatcherLists {
  const context = 'label matching'
  const finished: (readonly Matcher[])[] = []
  const copyOfBase = (): GrowingLists => base.map((list) => [...list])
  let current = copyOfBase()
  cursor.expectSymbol('{', context)
  if (cursor.atSymbol('{') && cursor.peek().span.start === cursor.lastEnd()) {
    throw cursor.error(cursor.peek().span, 'native histograms ({{...}}) are not supported')
  }
  while (!cursor.takeSymbol('}')) {
    const label = cursor.peek()
    if (label.kind !== 'identifier' && label.kind !== 'string') {
      throw cursor.unexpected(context, 'identifier, quoted name or "}"')
    }
    cursor.next()
    const alone = cursor.atSymbol(',') || cursor.atSymbol('}') || cursor.atKeyword('or')
    const template = label.kind === 'identifier' && alone ? findTemplate(cursor.scope, label.text) : undefined
    if (template !== undefined)
      current = combine(cursor, current, expandFilters(cursor, label, template, depth))
    else if (label.kind === 'string' && alone) {
      const name = current[0]?.find((matcher) => matcher.name === metricNameLabel && matcher.operator === '=')
      if (name !== undefined) {
        throw cursor.error(
          label.span,
          `metric name must not be set twice: ${JSON.stringify(name.value)} or ${JSON.stringify(label.text)}`,
        )
      }
      current = combine(cursor, current, [[{ name: metricNameLabel, operator: '=', value: label.text }]])
    } else current = combine(cursor, current, [[parseMatcher(cursor, label, context)]])
    if (cursor.takeKeyword('or')) {
      if (cursor.atSymbol('}')) throw cursor.unexpected(context, 'identifier or quoted name')
      finished.push(...current)
      requireFewLists(cursor, finished.length + current.length)
      current = copyOfBase()
    } else if (!cursor.takeSymbol(',') && !cursor.atSymbol('}'))
      throw cursor.unexpected(context, '"," or "}"')
  }
  return [...finished, ...current]
}

/** Every list of the left with every list of the right; of one list on the right the matchers are appended. */
function combine(cursor: Cursor, left: GrowingLists, right: MatcherLists): GrowingLists {
  requireFewLists(cursor, left.length * right.length)
  const [only] = right
  if (right.length !== 1 || only === undefined) {
    return left.flatMap((first) => right.map((second) => [...first, ...second]))
  }
  for (const list of left) for (const matcher of only) list.push(matcher)
  return left
}

function requireFewLists(cursor: Cursor, count: number): void {
  if (count <= maxLists) return
  throw cursor.error(cursor.peek().span, `label filters combine to more than ${maxLists} lists`)
}

/** The filters of a template such as `WITH (f = {a="b"}) up{f}`. */
function expandFilters(cursor: Cursor, name: Token, template: Template, depth: number): MatcherLists {
  const selector = expandTemplate(cursor, template, [], () => cursor.grammar.primary(cursor, depth + 1))
  if (selector.kind !== 'selector') {
    throw cursor.error(name.span, `WITH template "${name.text}" is no list of label filters`)
  }
  return [selector.matchers, ...selector.orMatchers]
}

function parseMatcher(cursor: Cursor, label: Token, context: string): Matcher {
  if (label.text.includes(':') && label.kind === 'identifier') {
    const at = label.span.start + label.text.indexOf(':')
    throw cursor.error(
      { start: at, end: at + 1 },
      `unexpected character in label name ${JSON.stringify(label.text)}: ":"`,
    )
  }
  const operator = matcherOperators.find((candidate) => cursor.atSymbol(candidate))
  if (cursor.atSymbol('==')) {
    const { start, end } = cursor.peek().span
    throw cursor.error({ start: start + 1, end }, `unexpected "=" in ${context}, expected string`)
  }
  if (operator === undefined) throw cursor.unexpected(context, 'label matching operator')
  cursor.next()
  const value = parseText(cursor, context)
  if (operator === '=~' || operator === '!~') {
    const problem = regexProblem(value)
    if (problem !== undefined) throw cursor.error(label.span, problem)
  }
  return { name: label.text, operator, value }
}

/** A string, a template that is one, or several joined by `+`. */
function parseText(cursor: Cursor, context: string): string {
  let text = ''
  do {
    const token = cursor.peek()
    const template = token.kind === 'identifier' ? findTemplate(cursor.scope, token.text) : undefined
    if (token.kind !== 'string' && template === undefined) throw cursor.unexpected(context, 'string')
    cursor.next()
    text +=
      template === undefined
        ? token.text
        : expandTemplate(cursor, template, [], () => parseText(cursor, context))
  } while (cursor.takeSymbol('+'))
  return text
}

/** `(a, b, "quoted name")` of by, without, on, ignoring, group_left and group_right. */
export function parseGroupingLabels(cursor: Cursor): string[] {
  const context = 'grouping opts'
  cursor.expectSymbol('(', context)
  const labels: string[] = []
  while (!cursor.takeSymbol(')')) {
    const label = cursor.peek()
    const template = label.kind === 'identifier' ? findTemplate(cursor.scope, label.text) : undefined
    if (template !== undefined) {
      cursor.next()
      labels.push(...expandTemplate(cursor, template, [], () => parseTemplateLabels(cursor)))
      if (!cursor.takeSymbol(',') && !cursor.atSymbol(')')) throw cursor.unexpected(context, '"," or ")"')
      continue
    }
    const plain = label.kind === 'identifier' && !label.text.includes(':')
    if (!plain && label.kind !== 'string') throw cursor.unexpected(context, 'label')
    if (label.text === '' || !label.text.isWellFormed()) {
      throw cursor.error(label.span, `invalid label name for grouping: ${JSON.stringify(label.text)}`)
    }
    cursor.next()
    labels.push(label.text)
    if (!cursor.takeSymbol(',') && !cursor.atSymbol(')')) throw cursor.unexpected(context, '"," or ")"')
  }
  return labels
}

/** The labels that a template stands for: one, or a list in parentheses. */
function parseTemplateLabels(cursor: Cursor): string[] {
  if (cursor.atSymbol('(')) return parseGroupingLabels(cursor)
  const label = cursor.next()
  if (label.kind !== 'identifier' && label.kind !== 'string') {
    throw cursor.error(label.span, `a WITH template for labels must be one label or a list in parentheses`)
  }
  const template = label.kind === 'identifier' ? findTemplate(cursor.scope, label.text) : undefined
  if (template === undefined) return [label.text]
  return expandTemplate(cursor, template, [], () => parseTemplateLabels(cursor))
}
