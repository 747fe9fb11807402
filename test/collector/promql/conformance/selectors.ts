import { children } from '../../../../collector/promql/syntax/children.ts'
import type { Expression } from '../../../../collector/promql/syntax/ast.ts'
import type { Matcher } from '../../../../common/series/matcher.ts'

/** The matchers of every selector in an expression. */
export function selectorsOf(node: Expression): (readonly Matcher[])[] {
  if (node.kind === 'selector') return [node.matchers, ...node.orMatchers]
  return children(node).flatMap(selectorsOf)
}

/** Names of the functions that are called. */
export function callsOf(node: Expression): string[] {
  const inside = children(node).flatMap(callsOf)
  return node.kind === 'call' ? [node.name, ...inside] : inside
}

/** The expression with `@ timeMs` on every selector and subquery that has no time of its own. */
export function pinned(node: Expression, timeMs: number): Expression {
  const pin = (part: Expression): Expression => pinned(part, timeMs)
  switch (node.kind) {
    case 'number':
    case 'string':
      return node
    case 'selector':
      return { ...node, at: node.at ?? timeMs }
    case 'range':
      return { ...node, selector: { ...node.selector, at: node.selector.at ?? timeMs } }
    case 'subquery':
      // What is inside of a pinned subquery moves with it.
      return { ...node, at: node.at ?? timeMs }
    case 'shifted':
      return { ...node, at: node.at ?? timeMs }
    case 'paren':
      return { ...node, expression: pin(node.expression) }
    case 'aggregation':
      return {
        ...node,
        expression: pin(node.expression),
        parameter: node.parameter === undefined ? undefined : pin(node.parameter),
      }
    case 'unary':
      return { ...node, operand: pin(node.operand) }
    case 'binary':
      return { ...node, left: pin(node.left), right: pin(node.right) }
    case 'call':
      // The second argument of info() only filters labels.
      return { ...node, args: node.args.map((arg, i) => (node.name === 'info' && i === 1 ? arg : pin(arg))) }
  }
}
