import type { Expression } from '../../../../collector/promql/syntax/ast.ts'
import { children } from '../../../../collector/promql/syntax/children.ts'
import { callsOf } from './selectors.ts'

/** What of PromQL a case needs beyond what is stable: the last that applies. */
export const classes = ['stable', 'fill', 'experimental functions', 'anchored and smoothed', 'info'] as const
export type CaseClass = (typeof classes)[number]

/** Behind a feature flag in the newest Prometheus. */
const experimental: ReadonlySet<string> = new Set([
  ...['double_exponential_smoothing', 'mad_over_time', 'sort_by_label', 'sort_by_label_desc'],
  ...['ts_of_first_over_time', 'ts_of_last_over_time', 'ts_of_max_over_time', 'ts_of_min_over_time'],
  ...['histogram_quantiles', 'start', 'end', 'step', 'range', 'max_of', 'min_of'],
])

export function classOf(expression: Expression): CaseClass {
  const calls = callsOf(expression)
  if (calls.includes('info')) return 'info'
  if (some(expression, hasEdges)) return 'anchored and smoothed'
  if (calls.some((name) => experimental.has(name)) || some(expression, isLimit)) {
    return 'experimental functions'
  }
  return some(expression, fillsIn) ? 'fill' : 'stable'
}

function some(expression: Expression, test: (node: Expression) => boolean): boolean {
  return test(expression) || children(expression).some((child) => some(child, test))
}

const hasEdges = (node: Expression): boolean => node.kind === 'selector' && node.edges !== undefined

const isLimit = (node: Expression): boolean =>
  node.kind === 'aggregation' && (node.operator === 'limitk' || node.operator === 'limit_ratio')

const fillsIn = (node: Expression): boolean =>
  node.kind === 'binary' && (node.matching.fillLeft ?? node.matching.fillRight) !== undefined
