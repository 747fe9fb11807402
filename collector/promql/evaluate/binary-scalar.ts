import { isComparison } from '../syntax/ast.ts'
import type { Binary } from '../syntax/ast.ts'
import { numberOperator } from './arithmetic.ts'
import type { Query } from './query.ts'
import { dropNames } from './series-merge.ts'
import type { Scalar, Vector } from './values.ts'

export function scalarWithScalar(node: Binary, left: Scalar, right: Scalar): Scalar {
  const operate = numberOperator(node.operator)
  return { kind: 'scalar', values: left.values.map((value, k) => operate(value, right.values[k]!)) }
}

/**
 * A vector with a scalar on either side (`scalarLeft`). A comparison without bool filters: it keeps the values of
 * the vector, and the names.
 */
export async function vectorWithScalar(
  node: Binary,
  vector: Vector,
  scalar: Scalar,
  scalarLeft: boolean,
  query: Query,
): Promise<Vector> {
  const { steps, labels, values, present } = vector
  const operate = numberOperator(node.operator)
  const filter = isComparison(node.operator) && !node.bool
  const other = scalar.values
  const outValues = filter ? values : new Float64Array(values.length)
  const outPresent = filter ? new Uint8Array(present.length) : present
  for (let i = 0; i < labels.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    for (let k = 0, cell = i * steps; k < steps; k++, cell++) {
      const value = values[cell]!
      const result = scalarLeft ? operate(other[k]!, value) : operate(value, other[k]!)
      if (filter) outPresent[cell] = present[cell]! & result
      else outValues[cell] = result
    }
  }
  const out = { ...vector, values: outValues, present: outPresent }
  return filter ? out : dropNames(out, query)
}
