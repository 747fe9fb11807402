import { isRankingAggregator } from './ast.ts'
import type { Aggregator, Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseArguments } from './parse-arguments.ts'
import { parseGroupingLabels } from './parse-labels.ts'

const parameterised = new Set<Aggregator>([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
  'outliersk',
])

/** `sum by (a) (x) limit 3`, grouping before or after the arguments, the cursor at the operator. */
export function parseAggregation(cursor: Cursor, operator: Aggregator, depth: number): Expression {
  const token = cursor.next()
  const context = 'aggregation'
  let grouping = parseGrouping(cursor)
  if (!cursor.atSymbol('(')) throw cursor.unexpected(context, '"("')
  const args = parseArguments(cursor, context, depth)
  if (grouping === undefined) grouping = parseGrouping(cursor)
  const limit = parseLimit(cursor)
  const span = { start: token.span.start, end: cursor.lastEnd() }
  const ranking = isRankingAggregator(operator)
  const wanted = ranking || parameterised.has(operator) ? 2 : 1
  const most = ranking ? 3 : wanted
  if (args.length === 0) throw cursor.error(span, 'no arguments for aggregate expression provided')
  if (args.length < wanted || args.length > most) {
    throw cursor.error(
      span,
      `wrong number of arguments for aggregate expression provided, expected ${most === wanted ? wanted : '2 or 3'}, got ${args.length}`,
    )
  }
  return {
    kind: 'aggregation',
    operator,
    parameter: wanted === 2 ? args[0] : undefined,
    expression: args[wanted - 1]!,
    rest: args[2],
    grouping: grouping?.labels ?? [],
    without: grouping?.without ?? false,
    limit,
    span,
  }
}

function parseGrouping(cursor: Cursor): { without: boolean; labels: string[] } | undefined {
  const without = cursor.atKeyword('without')
  if (!without && !cursor.atKeyword('by')) return undefined
  cursor.next()
  return { without, labels: parseGroupingLabels(cursor) }
}

function parseLimit(cursor: Cursor): number | undefined {
  if (!cursor.takeKeyword('limit')) return undefined
  const token = cursor.peek()
  if (token.kind !== 'number' || !Number.isSafeInteger(token.number)) {
    throw cursor.unexpected('limit of an aggregation', 'whole number')
  }
  cursor.next()
  return token.number
}
