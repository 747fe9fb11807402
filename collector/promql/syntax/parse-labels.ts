import { metricNameLabel } from '../../../common/series/label-set.ts'
import { matcherOperators } from '../../../common/series/matcher.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { Cursor } from './cursor.ts'
import { regexProblem } from './regex.ts'
import type { Token } from './token.ts'

/** `{a="b", "quoted name"=~"c", "metric.name"}`, the cursor at the left brace. */
export function parseMatchers(cursor: Cursor, metric: Token | undefined): Matcher[] {
  const context = 'label matching'
  const matchers: Matcher[] = []
  let name = metric?.text
  if (metric !== undefined) matchers.push({ name: metricNameLabel, operator: '=', value: metric.text })
  if (!cursor.takeSymbol('{')) return matchers
  while (!cursor.takeSymbol('}')) {
    const label = cursor.peek()
    if (label.kind !== 'identifier' && label.kind !== 'string') {
      throw cursor.unexpected(context, 'identifier, quoted name or "}"')
    }
    cursor.next()
    if (label.kind === 'string' && (cursor.atSymbol(',') || cursor.atSymbol('}'))) {
      if (name !== undefined) {
        throw cursor.error(
          label.span,
          `metric name must not be set twice: ${JSON.stringify(name)} or ${JSON.stringify(label.text)}`,
        )
      }
      name = label.text
      matchers.push({ name: metricNameLabel, operator: '=', value: label.text })
    } else matchers.push(parseMatcher(cursor, label, context))
    if (!cursor.takeSymbol(',') && !cursor.atSymbol('}')) throw cursor.unexpected(context, '"," or "}"')
  }
  return matchers
}

function parseMatcher(cursor: Cursor, label: Token, context: string): Matcher {
  if (label.text.includes(':') && label.kind === 'identifier') {
    throw cursor.error(label.span, `unexpected character in label name ${JSON.stringify(label.text)}: ":"`)
  }
  const operator = matcherOperators.find((candidate) => cursor.atSymbol(candidate))
  if (operator === undefined) throw cursor.unexpected(context, 'label matching operator')
  cursor.next()
  const value = cursor.peek()
  if (value.kind !== 'string') throw cursor.unexpected(context, 'string')
  cursor.next()
  if (operator === '=~' || operator === '!~') {
    const problem = regexProblem(value.text)
    if (problem !== undefined) throw cursor.error(value.span, problem)
  }
  return { name: label.text, operator, value: value.text }
}

/** `(a, b, "quoted name")` of by, without, on, ignoring, group_left and group_right. */
export function parseGroupingLabels(cursor: Cursor): string[] {
  const context = 'grouping opts'
  cursor.expectSymbol('(', context)
  const labels: string[] = []
  while (!cursor.takeSymbol(')')) {
    const label = cursor.peek()
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
