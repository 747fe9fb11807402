import { labelKey } from '../../../common/series/label-set.ts'
import { vectorWithVector } from '../evaluate/binary-vector.ts'
import { concatenate } from '../evaluate/concatenate.ts'
import { queryFailed } from '../evaluate/query.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import { takeSeries, withoutEmptySeries } from '../evaluate/take-series.ts'
import type { Vector } from '../evaluate/values.ts'
import type { Binary } from '../syntax/ast.ts'
import { scalarArgument, vectorArgument } from './implement.ts'

/** The series of all arguments; of those with the same labels the first. */
const union: FunctionImplementation = (input) => {
  const { grid, query } = input
  const known = new Set<string>()
  const parts = input.args.map((_, i) => {
    const vector = withoutEmptySeries(vectorArgument(input, i))
    const fresh = [...vector.labels.keys()].filter((row) => {
      const key = labelKey(vector.labels[row]!)
      if (known.has(key)) return false
      known.add(key)
      return true
    })
    return takeSeries(vector, fresh)
  })
  return concatenate(parts, grid.count, query)
}

/** At most so many series after so many others, in the order of the vector. */
const limitOffset: FunctionImplementation = (input) => {
  const [limit, offset] = [0, 1].map((i) => scalarArgument(input, i).values[0]!)
  if (!(limit! >= 0) || !(offset! >= 0))
    throw queryFailed('limit_offset() needs a limit and an offset from 0')
  const vector = withoutEmptySeries(vectorArgument(input, 2))
  return takeSeries(vector, [...vector.labels.keys()].slice(offset, offset! + limit!))
}

/** How much of a resource is used, in percent, by what is free and what there is of it. */
const resourceUsage: FunctionImplementation = async (input) => {
  const positive = (vector: Vector): Vector => ({
    ...vector,
    values: vector.values.map((value) => Math.max(0, value)),
  })
  const free = positive(vectorArgument(input, 0))
  const all = vectorArgument(input, 1)
  const join = (operator: '-' | '/', left: Vector, right: Vector): Promise<Vector> => {
    const span = input.call.span
    const none: Binary['left'] = { kind: 'number', value: 0, span }
    const matching = {
      ...({ on: false, labels: [], cardinality: 'one-to-one', include: [] } as const),
      ...{ fillLeft: undefined, fillRight: undefined },
    }
    const node: Binary = {
      ...{
        kind: 'binary',
        operator,
        left: none,
        right: none,
        bool: false,
        matching,
        span,
        operatorSpan: span,
      },
      ...{ explicitMatching: false, keepNames: false },
    }
    return vectorWithVector(node, left, right, input.query)
  }
  const used = positive(await join('-', all, free))
  const share = await join('/', used, positive(all))
  return { ...share, values: share.values.map((value) => value * 100) }
}

/** MetricsQL's functions that choose or combine series. */
export const seriesSetFunctions: Readonly<Record<string, FunctionImplementation>> = {
  union,
  limit_offset: limitOffset,
  ru: resourceUsage,
}
