import type { Binary } from '../syntax/ast.ts'
import { matchGroups } from './match-groups.ts'
import { reserveCells } from './query.ts'
import type { Query } from './query.ts'
import { setOperation } from './set-operators.ts'
import { withoutEmptySeries } from './take-series.ts'
import { allocateVector } from './values.ts'
import type { Scalar, Value, Vector } from './values.ts'

/**
 * default, if and ifnot, as MetricsQL has them: a number on the right applies to every series of the left; a NaN is
 * a gap. Without any series on the left, default gives the right side. Values and names of the left side stay.
 */
export async function conditionalOperation(
  node: Binary,
  left: Value,
  right: Value,
  query: Query,
): Promise<Value> {
  if (left.kind === 'scalar' && right.kind === 'scalar') return ofNumbers(node, left, right)
  const base = asVector(left)
  if (node.operator !== 'default') {
    if (right.kind === 'scalar') return keepWhere(base, right, node.operator === 'if')
    // With `if` a series stays where `and` would keep it, with `ifnot` where `unless` would.
    const operator = node.operator === 'if' ? 'and' : 'unless'
    return setOperation({ ...node, operator }, base, asVector(right), query)
  }
  const filled = withoutEmptySeries(base)
  if (filled.labels.length === 0) return asVector(right)
  if (right.kind === 'scalar') return fillByNumber(filled, right, query)
  return fillByVector(node, filled, asVector(right), query)
}

function ofNumbers({ operator }: Binary, left: Scalar, right: Scalar): Scalar {
  const values = left.values.map((value, k) => {
    const other = right.values[k]!
    if (operator === 'default') return value !== value ? other : value
    return (other !== other) === (operator === 'if') ? NaN : value
  })
  return { kind: 'scalar', values }
}

function asVector(value: Value): Vector {
  if (value.kind === 'vector') return value
  if (value.kind !== 'scalar') throw new Error(`a ${value.kind} passed the type check of a binary operator`)
  const out = allocateVector([[]], value.values.length)
  for (const [k, number] of value.values.entries()) out.present[k] = Number.isNaN(number) ? 0 : 1
  return { ...out, values: value.values }
}

function keepWhere(vector: Vector, { values }: Scalar, wanted: boolean): Vector {
  const { steps } = vector
  const present = vector.present.map((flag, cell) =>
    Number.isNaN(values[cell % steps]!) === wanted ? 0 : flag,
  )
  return { ...vector, present }
}

function copyOf(vector: Vector, query: Query): Vector {
  reserveCells(query, vector.labels.length, vector.steps)
  return { ...vector, values: vector.values.slice(), present: vector.present.slice() }
}

const isGap = ({ values, present }: Vector, cell: number): boolean =>
  present[cell] === 0 || Number.isNaN(values[cell]!)

function fillByNumber(vector: Vector, { values }: Scalar, query: Query): Vector {
  const out = copyOf(vector, query)
  for (let cell = 0; cell < out.values.length; cell++) {
    const other = values[cell % out.steps]!
    if (!isGap(out, cell) || Number.isNaN(other)) continue
    out.values[cell] = other
    out.present[cell] = 1
  }
  return out
}

async function fillByVector(node: Binary, left: Vector, right: Vector, query: Query): Promise<Vector> {
  const out = copyOf(left, query)
  const { steps } = out
  for (const group of await matchGroups(left, right, node.matching, query)) {
    if (query.pacer.due()) await query.pacer.pause()
    for (const i of group.left) {
      for (let k = 0, cell = i * steps; k < steps; k++, cell++) {
        if (!isGap(out, cell)) continue
        const source = group.right.find((j) => !isGap(right, j * steps + k))
        if (source === undefined) continue
        out.values[cell] = right.values[source * steps + k]!
        out.present[cell] = 1
      }
    }
  }
  return out
}
