import { unwrap } from '../syntax/ast.ts'
import type { Edges, Expression, RangeSelector, Subquery } from '../syntax/ast.ts'

/** Functions of PromQL that start from the sample before a window that MetricsQL has implied. */
const anchoredWithoutWindow: ReadonlySet<string> = new Set(['changes', 'delta', 'increase', 'rate', 'resets'])

/** Functions of MetricsQL that always start from the sample before the window, so that no change falls between two. */
const alwaysAnchored: ReadonlySet<string> = new Set([
  'ascent_over_time',
  'decreases_over_time',
  'deriv_fast',
  'descent_over_time',
  'increase_pure',
  'increases_over_time',
  'integrate',
  'lifetime',
  'rollup_delta',
  'rollup_deriv',
  'rollup_increase',
  'rollup_rate',
  'rollup_scrape_interval',
  'scrape_interval',
])

/** The range vector that an argument is, and the edges that the function implies where the text names none. */
export function impliedRange(
  name: string,
  arg: Expression,
): { readonly node: RangeSelector | Subquery; readonly edges: Edges } | undefined {
  const node = unwrap(arg)
  if (node.kind !== 'range' && node.kind !== 'subquery') return undefined
  if (node.kind === 'range' && node.selector.edges !== undefined) return undefined
  const implied = node.range.kind === 'implicit' && anchoredWithoutWindow.has(name)
  return implied || alwaysAnchored.has(name) ? { node, edges: 'anchored' } : undefined
}
