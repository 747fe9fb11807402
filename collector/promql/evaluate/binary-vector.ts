import { isComparison } from '../syntax/ast.ts'
import type { Binary } from '../syntax/ast.ts'
import { numberOperator } from './arithmetic.ts'
import { printLabels } from './labels.ts'
import { matchGroups } from './match-groups.ts'
import { arePairs, operateOnPairs } from './operate-on-pairs.ts'
import { queryFailed } from './query.ts'
import type { Query } from './query.ts'
import { matchedLabels, resultLabels } from './result-labels.ts'
import { dropNames, mergeSameLabels } from './series-merge.ts'
import type { Vector } from './values.ts'
import { createVectorBuilder } from './vector-builder.ts'
import type { Row, VectorBuilder } from './vector-builder.ts'

/** An operation in hand: "one" is the side on which a group has at most one series per step. */
interface Join {
  readonly node: Binary
  readonly many: Vector
  readonly one: Vector
  readonly manyIsLeft: boolean
  readonly fillMany: number | undefined
  readonly fillOne: number | undefined
  /** Steps at which the operation does nothing because a side that is not filled in is empty. */
  readonly skip: Uint8Array
  readonly builder: VectorBuilder
}

/**
 * Arithmetic and comparison between two vectors, matched by labels once for all steps.
 * @throws PgherdError QUERY_FAILED when the "one" side, or the result, is ambiguous at a step.
 */
export async function vectorWithVector(
  node: Binary,
  left: Vector,
  right: Vector,
  query: Query,
): Promise<Vector> {
  const { matching } = node
  const groups = await matchGroups(left, right, matching, query)
  if (arePairs(groups, matching)) return operateOnPairs(node, groups, left, right, query)
  const manyIsLeft = matching.cardinality !== 'one-to-many'
  const join: Join = {
    node,
    many: manyIsLeft ? left : right,
    one: manyIsLeft ? right : left,
    manyIsLeft,
    // With group_right the reference too fills the many side by fill_left and the one side by fill_right.
    fillMany: matching.fillLeft,
    fillOne: matching.fillRight,
    skip: skippedSteps(node, manyIsLeft ? left : right, manyIsLeft ? right : left),
    builder: createVectorBuilder(left.steps, query),
  }
  const oneOf = new Int32Array(left.steps)
  for (const group of groups) {
    if (query.pacer.due()) await query.pacer.pause()
    const many = manyIsLeft ? group.left : group.right
    const one = manyIsLeft ? group.right : group.left
    if (one.length > 0) findOne(join, one, oneOf)
    else oneOf.fill(-1)
    joinGroup(join, many, one, oneOf)
  }
  const out = await mergeSameLabels(join.builder.finish(), query)
  return node.bool ? dropNames(out, query) : out
}

function skippedSteps(node: Binary, many: Vector, one: Vector): Uint8Array {
  const skip = new Uint8Array(many.steps)
  const { fillLeft, fillRight } = node.matching
  const mark = ({ labels, present, steps }: Vector): void => {
    const some = new Uint8Array(steps)
    for (let i = 0; i < labels.length && some.includes(0); i++) {
      for (let k = 0; k < steps; k++) some[k]! |= present[i * steps + k]!
    }
    for (let k = 0; k < steps; k++) if (some[k] === 0) skip[k] = 1
  }
  if (fillLeft === undefined) mark(many)
  if (fillRight === undefined) mark(one)
  return skip
}

/** Writes to `oneOf` which series of the one side has the value at each step, -1 for none. */
function findOne(join: Join, candidates: readonly number[], oneOf: Int32Array): void {
  const { one, skip } = join
  oneOf.fill(-1)
  for (const i of candidates) {
    for (let k = 0; k < one.steps; k++) {
      if (one.present[i * one.steps + k] === 0) continue
      if (oneOf[k]! >= 0 && skip[k] === 0) throw ambiguousOne(join, oneOf[k]!, i)
      oneOf[k] = i
    }
  }
}

function ambiguousOne({ node, one, manyIsLeft }: Join, a: number, b: number): Error {
  const group = printLabels(matchedLabels(node, one.labels[a]!))
  const pair = [printLabels(one.labels[a]!), printLabels(one.labels[b]!)].sort().join(', ')
  return queryFailed(
    `found duplicate series for the match group ${group} on the ${manyIsLeft ? 'right' : 'left'} hand-side of the ` +
      `operation: [${pair}];many-to-many matching not allowed: matching labels must be unique on one side`,
  )
}

function joinGroup(join: Join, many: readonly number[], one: readonly number[], oneOf: Int32Array): void {
  const { node, builder, skip, fillMany, fillOne } = join
  const { steps } = join.many
  const dropMetadata = node.bool
  const oneToOne = node.matching.cardinality === 'one-to-one'
  const taken = many.length > 1 ? new Uint8Array(steps) : undefined
  const matched = fillMany === undefined || one.length === 0 ? undefined : new Uint8Array(steps)
  const emit = createEmitter(join)
  for (const i of many) {
    const labels = join.many.labels[i]!
    let row: Row | undefined
    let rowOne = -2
    for (let k = 0, cell = i * steps; k < steps; k++, cell++) {
      if (join.many.present[cell] === 0 || skip[k] === 1) continue
      const j = oneOf[k]!
      if (j < 0 && fillOne === undefined) continue
      if (matched !== undefined) matched[k] = 1
      // Ambiguity is one of the operands, whether or not the comparison lets a result through.
      if (oneToOne && taken !== undefined) {
        if (taken[k] === 1) throw ambiguousMany(oneToOne)
        taken[k] = 1
      }
      const oneValue = j < 0 ? fillOne! : join.one.values[j * steps + k]!
      if (!emit.compute(join.many.values[cell]!, oneValue)) continue
      if (row === undefined || j !== rowOne) {
        const oneLabels = j < 0 ? matchedLabels(node, labels) : join.one.labels[j]!
        row = builder.row(resultLabels(node, labels, oneLabels, dropMetadata))
        row.dropName ||= join.many.dropName[i] === 1
        rowOne = j
      }
      if (row.present[k] === 1) throw ambiguousMany(oneToOne)
      row.values[k] = emit.result()
      row.present[k] = 1
    }
  }
  if (matched !== undefined) fillManySide(join, oneOf, matched)
}

/** Results for series of the one side that have no partner at a step. */
function fillManySide(join: Join, oneOf: Int32Array, matched: Uint8Array): void {
  const { node, one, builder, skip, fillMany } = join
  const emit = createEmitter(join)
  for (let k = 0; k < one.steps; k++) {
    const j = oneOf[k]!
    if (j < 0 || matched[k] === 1 || skip[k] === 1) continue
    if (!emit.compute(fillMany!, one.values[j * one.steps + k]!)) continue
    const labels = one.labels[j]!
    const row = builder.row(resultLabels(node, matchedLabels(node, labels), labels, node.bool))
    if (row.present[k] === 1) throw ambiguousMany(node.matching.cardinality === 'one-to-one')
    row.values[k] = emit.result()
    row.present[k] = 1
  }
}

function ambiguousMany(oneToOne: boolean): Error {
  return queryFailed(
    oneToOne
      ? 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
      : 'multiple matches for labels: grouping labels must ensure unique matches',
  )
}

/** The operator with its operands put in order; compute() tells whether there is a result. */
function createEmitter({ node, manyIsLeft }: Join): {
  compute(many: number, one: number): boolean
  result(): number
} {
  const operate = numberOperator(node.operator)
  const filter = isComparison(node.operator) && !node.bool
  let value = 0
  return {
    compute: (many, one) => {
      const left = manyIsLeft ? many : one
      const result = operate(left, manyIsLeft ? one : many)
      value = filter ? left : result
      return !filter || result === 1
    },
    result: () => value,
  }
}
