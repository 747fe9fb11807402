import { groupSeries } from '../evaluate/group-series.ts'
import { queryFailed } from '../evaluate/query.ts'
import type { Query } from '../evaluate/query.ts'
import type { Value, Vector } from '../evaluate/values.ts'
import type { Aggregation, Aggregator } from '../syntax/ast.ts'
import { avg, count, group, max, min, stddev, stdvar, sum } from './accumulate.ts'
import type { Accumulate } from './accumulate.ts'
import { countValues } from './count-values.ts'
import { limitRatio } from './limit-ratio.ts'
import { quantile } from './quantile.ts'
import { limitSeries, topOrBottom } from './select-series.ts'

type Parameterised = 'topk' | 'bottomk' | 'limitk' | 'limit_ratio' | 'quantile' | 'count_values'
const accumulators: Readonly<Record<Exclude<Aggregator, Parameterised>, Accumulate>> = {
  sum,
  avg,
  count,
  min,
  max,
  group,
  stddev,
  stdvar,
}

/** An aggregation of an evaluated vector, with its evaluated parameter. */
export async function aggregate(
  node: Aggregation,
  vector: Vector,
  parameter: Value | undefined,
  query: Query,
): Promise<Vector> {
  const { operator } = node
  if (operator === 'count_values') {
    if (parameter?.kind !== 'string') throw new Error('count_values has no label name')
    return countValues(vector, node, parameter.value, query)
  }
  const groups = groupSeries(vector, node.grouping, node.without)
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
    case 'quantile':
      return quantile(vector, groups, query, numbers(parameter), node.parameter!.span)
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
