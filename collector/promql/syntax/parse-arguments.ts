import type { Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'

/** `(a, b, ...)`; a comma after the last one is MetricsQL's. */
export function parseArguments(cursor: Cursor, context: string, depth: number): Expression[] {
  cursor.expectSymbol('(', context)
  const args: Expression[] = []
  while (!cursor.takeSymbol(')')) {
    args.push(cursor.grammar.infix(cursor, 0, depth + 1))
    if (!cursor.takeSymbol(',') && !cursor.atSymbol(')')) throw cursor.unexpected(context, '"," or ")"')
  }
  return args
}
