import type { Expression } from './ast.ts'

/** The direct sub-expressions of a node. */
export function children(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return []
    case 'range':
      return [node.selector]
    case 'subquery':
    case 'paren':
      return [node.expression]
    case 'shifted':
      return node.atExpression === undefined ? [node.expression] : [node.expression, node.atExpression]
    case 'aggregation':
      return [node.parameter, node.expression, node.rest].filter((part) => part !== undefined)
    case 'unary':
      return [node.operand]
    case 'binary':
      return [node.left, node.right]
    case 'call':
      return node.args
  }
}

/** The first node found more than `limit` levels below the root; without recursion, for trees of any depth. */
export function findDeeperThan(root: Expression, limit: number): Expression | undefined {
  let level: readonly Expression[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return level[0]
    level = level.flatMap(children)
  }
  return undefined
}
