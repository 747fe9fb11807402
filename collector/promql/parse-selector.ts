import type { Matcher } from '../../common/series/matcher.ts'
import { parseExpression } from './parse-expression.ts'
import { syntaxError } from './syntax/syntax-error.ts'

/**
 * The matchers of a plain instant selector such as `up{job="pg"}`, as match[] parameters have it: a list of
 * alternatives, one of which must hold.
 * @throws PgherdError QUERY_INVALID
 */
export function parseSelector(text: string): readonly (readonly Matcher[])[] {
  const expression = parseExpression(text)
  if (expression.kind !== 'selector') {
    throw syntaxError(
      text,
      expression.span,
      'expected a vector selector without operators, functions or range',
    )
  }
  if (expression.offset !== undefined || expression.at !== undefined || expression.edges !== undefined) {
    throw syntaxError(text, expression.span, 'a selector of series takes no offset, @ or smoothed')
  }
  return [expression.matchers, ...expression.orMatchers]
}
