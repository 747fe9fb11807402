import { groupSeries } from '../evaluate/group-series.ts'
import { queryFailed } from '../evaluate/query.ts'
import type { Query } from '../evaluate/query.ts'
import type { Value, Vector } from '../evaluate/values.ts'
import { takeSeries, withoutEmptySeries } from '../evaluate/take-series.ts'
import type { Aggregation, Aggregator, RankingAggregator } from '../syntax/ast.ts'
import { avg, count, group, max, min, stddev, stdvar, sum } from './accumulate.ts'
import type { Accumulate } from './accumulate.ts'
import { countValues } from './count-values.ts'
import { limitRatio } from './limit-ratio.ts'
import { metricsqlAccumulators } from './metricsql-accumulate.ts'
import { firstOfEach, outliers, rankSeries } from './rank-series.ts'
import type { RestLabel } from './rank-series.ts'
import { quantile } from './quantile.ts'
import { limitSeries, topOrBottom } from './select-series.ts'

type Selecting = 'any' | 'topk' | 'bottomk' | 'limitk' | 'limit_ratio' | 'outliersk' | RankingAggregator
type Parameterised = Selecting | 'quantile' | 'count_values'
const accumulators: Readonly<Record<Exclude<Aggregator, Parameterised>, Accumulate>> = {
  sum,
  avg,
  count,
  min,
  max,
  group,
  stddev,
  stdvar,
  ...metricsqlAccumulators,
}

/** An aggregation of an evaluated vector, with its evaluated parameter. */
export async function aggregate(
  node: Aggregation,
  vector: Vector,
  parameter: Value | undefined,
  rest: Value | undefined,
  query: Query,
): Promise<Vector> {
  const result = await aggregateGroups(node, vector, parameter, rest, query)
  if (node.limit === undefined) return result
  const kept = withoutEmptySeries(result)
  return takeSeries(kept, [...kept.labels.keys()].slice(0, node.limit))
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
    case 'sum':
    case 'avg':
    case 'count':
    case 'min':
    case 'max':
    case 'group':
    case 'stddev':
    case 'stdvar':
      return accumulators[operator](vector, groups, query)
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
