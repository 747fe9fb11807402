import { metricNameLabel } from '../../common/series/label-set.ts'
import { children } from '../../collector/promql/syntax/children.ts'
import type { Expression } from '../../collector/promql/syntax/ast.ts'

/** What an expression selects: the metric, and the labels that it is restricted by. */
export interface Selected {
  readonly metric: string | undefined
  readonly matchers: readonly string[]
}

export function selectorsIn(expression: Expression): readonly Selected[] {
  if (expression.kind !== 'selector') return children(expression).flatMap(selectorsIn)
  const { matchers } = expression
  return [
    {
      metric: matchers.find(({ name, operator }) => name === metricNameLabel && operator === '=')?.value,
      matchers: matchers.map(({ name }) => name).filter((name) => name !== metricNameLabel),
    },
  ]
}
