import type { LabelSet } from '../../../common/series/label-set.ts'
import { isAccumulator } from '../aggregate/accumulate.ts'
import { aggregateRows } from '../aggregate/aggregate.ts'
import { rowsMadeBy } from '../aggregate/rows.ts'
import { rowFunctions } from '../functions/registry.ts'
import { unwrap } from '../syntax/ast.ts'
import type { Aggregation } from '../syntax/ast.ts'
import { isMetadataLabel } from './labels.ts'
import type { Query } from './query.ts'
import { impliedRange } from './range-edges.ts'
import { selectRange } from './select-range.ts'
import { dropNames, haveOneName } from './series-merge.ts'
import { allocateVector } from './values.ts'
import type { Grid, Vector } from './values.ts'

/**
 * sum(rate(m[5m])) and the like: the values of each series go into its group as they are made, and what the call gives as
 * a whole, megabytes for a dashboard's graph, never exists. undefined for what has to be evaluated one after the other.
 */
export async function aggregateCall(
  node: Aggregation,
  grid: Grid,
  query: Query,
): Promise<Vector | undefined> {
  const { operator } = node
  const call = unwrap(node.expression)
  if (call.kind !== 'call' || !isAccumulator(operator)) return undefined
  const [arg] = call.args
  const makeFill = rowFunctions.get(call.name)
  if (makeFill === undefined || arg === undefined || impliedRange(call.name, arg) !== undefined)
    return undefined
  const selector = unwrap(arg)
  if (selector.kind !== 'range' || selector.selector.edges !== undefined) return undefined
  const range = await selectRange(selector, grid, query)
  const inner = call.keepNames ? { ...query, keepNames: true } : query
  const labels = range.series.map((series) => series.labels)
  let series = allocateVector(labels, 0)
  if (!differWithoutNames(node, labels, inner)) {
    series = await dropNames(series, inner)
    // Two that differ by name alone become one, if they can.
    if (series.labels.length !== labels.length) return undefined
  }
  const rows = rowsMadeBy(makeFill(range, call, inner), range, inner)
  return aggregateRows({ node, operator }, series, rows, query)
}

/** Whether dropNames() would merge no two of them, and grouping them finds the same with their names as without. */
function differWithoutNames(
  { grouping }: Aggregation,
  labels: readonly LabelSet[],
  { keepNames, delayedNameRemoval }: Query,
): boolean {
  return !keepNames && !delayedNameRemoval && !grouping.some(isMetadataLabel) && haveOneName(labels)
}
