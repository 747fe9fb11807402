import type { Binary } from '../syntax/ast.ts'
import { concatenate } from './concatenate.ts'
import { matchGroups } from './match-groups.ts'
import type { Query } from './query.ts'
import { mergeSameLabels } from './series-merge.ts'
import type { Vector } from './values.ts'

/** and, or, unless: by matching labels, step by step; values and names stay as they are. */
export async function setOperation(node: Binary, left: Vector, right: Vector, query: Query): Promise<Vector> {
  const groups = await matchGroups(left, right, node.matching, query)
  const keepsRight = node.operator === 'or'
  const source = keepsRight ? right : left
  // Which cells of the filtered side remain; the other side decides.
  const present = new Uint8Array(source.present.length)
  const steps = left.steps
  const any = new Uint8Array(steps)
  for (const group of groups) {
    if (query.pacer.due()) await query.pacer.pause()
    const [filtered, deciding, decider] = keepsRight
      ? [group.right, group.left, left]
      : [group.left, group.right, right]
    if (filtered.length === 0) continue
    any.fill(0)
    for (const i of deciding) for (let k = 0; k < steps; k++) any[k]! |= decider.present[i * steps + k]!
    const wanted = node.operator === 'and' ? 1 : 0
    for (const i of filtered) {
      for (let k = 0, cell = i * steps; k < steps; k++, cell++) {
        if (any[k] === wanted) present[cell] = source.present[cell]!
      }
    }
  }
  const filtered = { ...source, present }
  return keepsRight ? mergeSameLabels(concatenate([left, filtered], steps, query), query) : filtered
}
