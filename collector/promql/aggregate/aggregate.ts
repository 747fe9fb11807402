import { groupSeries } from '../evaluate/group-series.ts'
import { queryFailed } from '../evaluate/query.ts'
import type { Query } from '../evaluate/query.ts'
import type { Value, Vector } from '../evaluate/values.ts'
import { takeSeries, withoutEmptySeries } from '../evaluate/take-series.ts'
import type { Aggregation } from '../syntax/ast.ts'
import { accumulators, isAccumulator } from './accumulate.ts'
import { countValues } from './count-values.ts'
import { limitRatio } from './limit-ratio.ts'
import { metricsqlAccumulators } from './metricsql-accumulate.ts'
import { firstOfEach, outliers, rankSeries } from './rank-series.ts'
import type { RestLabel } from './rank-series.ts'
import { quantile } from './quantile.ts'
import { rowsOf } from './rows.ts'
import type { Rows } from './rows.ts'
import { limitSeries, topOrBottom } from './select-series.ts'

/** An aggregation of an evaluated vector, with its evaluated parameter. */
export async function aggregate(
  node: Aggregation,
  vector: Vector,
  parameter: Value | undefined,
  rest: Value | undefined,
  query: Query,
): Promise<Vector> {
  return limited(node, await aggregateGroups(node, vector, parameter, rest, query))
}

/**
 * The same for one that isAccumulator() knows, without having all values of the vector at once.
 * @param series their labels; only these and dropName are looked at
 */
export async function aggregateRows(
  { node, operator }: { node: Aggregation; operator: keyof typeof accumulators },
  series: Vector,
  rows: Rows,
  query: Query,
): Promise<Vector> {
  const groups = await groupSeries(series, node.grouping, node.without, query)
  return limited(node, await accumulators[operator](rows, groups, query))
}

function limited({ limit }: Aggregation, result: Vector): Vector {
  if (limit === undefined) return result
  const kept = withoutEmptySeries(result)
  return takeSeries(kept, [...kept.labels.keys()].slice(0, limit))
}

async function aggregateGroups(
  node: Aggregation,
  vector: Vector,
  parameter: Value | undefined,
  rest: Value | undefined,
  query: Query,
): Promise<Vector> {
  const { operator } = node
  if (operator === 'count_values') {
    if (parameter?.kind !== 'string') throw new Error('count_values has no label name')
    return countValues(vector, node, parameter.value, query)
  }
  const groups = await groupSeries(vector, node.grouping, node.without, query)
  if (isAccumulator(operator)) return accumulators[operator](rowsOf(vector), groups, query)
  switch (operator) {
    case 'topk':
    case 'bottomk':
      return topOrBottom(vector, groups, query, limits(parameter), operator === 'topk' ? -1 : 1)
    case 'limitk':
      return limitSeries(vector, groups, query, limits(parameter))
    case 'limit_ratio': {
      const ratios = numbers(parameter)
      if (ratios.some(Number.isNaN)) throw queryFailed('Ratio value is NaN')
      return limitRatio(vector, groups, query, ratios, node.parameter!.span)
    }
    case 'any':
      return firstOfEach(vector, groups, query)
    case 'outliersk':
      return outliers(vector, groups, query, limits(parameter))
    case 'quantile':
      return quantile(vector, groups, query, numbers(parameter), node.parameter!.span)
    case 'topk_min':
    case 'topk_max':
    case 'topk_avg':
    case 'topk_median':
    case 'topk_last':
    case 'bottomk_min':
    case 'bottomk_max':
    case 'bottomk_avg':
    case 'bottomk_median':
    case 'bottomk_last':
      return rankSeries(operator, vector, groups, limits(parameter), restLabel(rest), query)
    case 'median':
    case 'mode':
    case 'distinct':
    case 'sum2':
    case 'geomean':
    case 'share':
    case 'zscore':
      return metricsqlAccumulators[operator](vector, groups, query)
  }
}

/** The label of the sum of the other series: `name=value`, or one word for both. */
function restLabel(rest: Value | undefined): RestLabel | undefined {
  if (rest?.kind !== 'string') return undefined
  const at = rest.value.indexOf('=')
  if (at < 0) return { name: rest.value, value: rest.value }
  return { name: rest.value.slice(0, at), value: rest.value.slice(at + 1) }
}

function numbers(parameter: Value | undefined): Float64Array {
  if (parameter?.kind !== 'scalar') throw new Error('an aggregation has no number as its parameter')
  return parameter.values
}

/** How many series to keep, per step. */
function limits(parameter: Value | undefined): Float64Array {
  const values = numbers(parameter)
  for (const value of values) {
    if (Number.isNaN(value)) throw queryFailed('Parameter value is NaN')
    if (value >= 2 ** 63) throw queryFailed(`Scalar value ${value} overflows int64`)
    if (value < -(2 ** 63)) throw queryFailed(`Scalar value ${value} underflows int64`)
  }
  return values
}
