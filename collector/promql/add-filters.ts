import { PgherdError } from '../../common/errors.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import { parseExpression } from './parse-expression.ts'
import { printExpression } from './print-expression.ts'
import type { Call, Expression, VectorSelector } from './syntax/ast.ts'

/**
 * The text of the same expression, in which every selector matches only series that any of the filters matches too.
 * @throws PgherdError QUERY_INVALID where the text does not parse, or for info(), which looks at series that no selector
 *   of the expression names
 */
export function addFilters(text: string, filters: readonly (readonly Matcher[])[]): string {
  const expression = parseExpression(text)
  if (filters.length === 0) return text
  return printExpression(mapSelectors(expression, (selector) => narrow(selector, filters)))
}

function narrow(selector: VectorSelector, filters: readonly (readonly Matcher[])[]): VectorSelector {
  const lists = [selector.matchers, ...selector.orMatchers].flatMap((matchers) =>
    filters.map((filter) => [...matchers, ...filter]),
  )
  const [first, ...others] = lists
  return { ...selector, matchers: first ?? selector.matchers, orMatchers: others }
}

/** A copy of the tree; nodes are found by their `kind`, so that a new kind of node needs no line here. */
function mapSelectors(node: Expression, change: (selector: VectorSelector) => VectorSelector): Expression {
  const map = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(map)
    if (typeof value !== 'object' || value === null || !('kind' in value)) return value
    if (value.kind === 'call' && (value as Call).name === 'info') throw infoRefused()
    if (value.kind === 'selector') return change(value as VectorSelector)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, map(part)]))
  }
  return map(node) as Expression
}

function infoRefused(): PgherdError {
  return new PgherdError(
    'QUERY_INVALID',
    'info() is not available together with extra_label and extra_filters[]: they cannot narrow the series that it adds labels of',
  )
}
