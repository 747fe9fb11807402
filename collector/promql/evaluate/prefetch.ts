import type { Expression } from '../syntax/ast.ts'
import type { Query } from './query.ts'
import type { Grid } from './values.ts'
import { selectorWindow, subqueryWindow } from './windows.ts'

/**
 * Starts the selections of all selectors at once, so that a store across the network is waited for once and not
 * once per selector. What a selection does not use is never asked for: the windows depend on the text alone.
 */
export async function prefetch(expression: Expression, grid: Grid, query: Query): Promise<void> {
  const selections: Promise<unknown>[] = []
  visit(expression, grid, query, selections)
  await Promise.all(selections)
}

function visit(node: Expression, grid: Grid, query: Query, into: Promise<unknown>[]): void {
  switch (node.kind) {
    case 'number':
    case 'string':
      return
    case 'selector':
    case 'range': {
      const { matchers } = node.kind === 'range' ? node.selector : node
      const { fromMs, toMs } = selectorWindow(node, grid, query)
      into.push(query.select(matchers, fromMs, toMs))
      return
    }
    case 'subquery': {
      const { inner } = subqueryWindow(node, grid, query)
      if (inner.count > 0) visit(node.expression, inner, query, into)
      return
    }
    case 'paren': {
      visit(node.expression, grid, query, into)
      return
    }
    case 'unary': {
      visit(node.operand, grid, query, into)
      return
    }
    case 'binary':
      visit(node.left, grid, query, into)
      {
        visit(node.right, grid, query, into)
        return
      }
    case 'aggregation':
      if (node.parameter !== undefined) visit(node.parameter, grid, query, into)
      {
        visit(node.expression, grid, query, into)
        return
      }
    case 'call':
      // The second argument of info() is not a selector of its own.
      for (const arg of node.name === 'info' ? node.args.slice(0, 1) : node.args)
        visit(arg, grid, query, into)
      return
  }
}
