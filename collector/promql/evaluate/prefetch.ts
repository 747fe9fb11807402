import type { Call, Edges, Expression } from '../syntax/ast.ts'
import { children } from '../syntax/children.ts'
import type { Query } from './query.ts'
import type { Grid } from './values.ts'
import { impliedRange } from './range-edges.ts'
import { selectorWindow, shiftedGrid, subqueryWindow } from './windows.ts'

/**
 * Starts the selections of all selectors at once, so that a store across the network is waited for once and not
 * once per selector. What a selection does not use is never asked for: the windows depend on the text alone.
 */
export async function prefetch(expression: Expression, grid: Grid, query: Query): Promise<void> {
  const selections: Promise<unknown>[] = []
  visit(expression, grid, query, selections)
  await Promise.all(selections)
}

function visit(node: Expression, grid: Grid, query: Query, into: Promise<unknown>[], edges?: Edges): void {
  switch (node.kind) {
    case 'number':
    case 'string':
      return
    case 'selector':
    case 'range': {
      const { matchers, orMatchers } = node.kind === 'range' ? node.selector : node
      const window = selectorWindow(node, grid, query, edges)
      for (const list of [matchers, ...orMatchers]) into.push(query.select(list, window))
      return
    }
    case 'subquery': {
      const { inner } = subqueryWindow(node, grid, query, edges)
      if (inner.count > 0) visit(node.expression, inner, query, into)
      return
    }
    case 'shifted':
      // Where a computed @ leads to is not known yet; what is inside selects for itself then.
      if (node.atExpression === undefined) visit(node.expression, shiftedGrid(node, grid, query), query, into)
      else visit(node.atExpression, { ...grid, count: 1 }, query, into)
      return
    case 'call':
      for (const arg of argumentsOf(node)) {
        const implied = impliedRange(node.name, arg)
        visit(implied?.node ?? arg, grid, query, into, implied?.edges)
      }
      return
    case 'paren':
    case 'unary':
    case 'binary':
    case 'aggregation':
      for (const child of children(node)) visit(child, grid, query, into)
      return
  }
}

/** The second argument of info() is not a selector of its own. */
function argumentsOf({ name, args }: Call): readonly Expression[] {
  return name === 'info' ? args.slice(0, 1) : args
}
