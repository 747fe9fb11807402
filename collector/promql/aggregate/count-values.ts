import type { LabelSet } from '../../../common/series/label-set.ts'
import { filterLabels, isMetadataLabel, isValidLabelName, withLabel } from '../evaluate/labels.ts'
import { queryFailed } from '../evaluate/query.ts'
import type { Query } from '../evaluate/query.ts'
import { emptyVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'
import { createVectorBuilder } from '../evaluate/vector-builder.ts'
import type { Aggregation } from '../syntax/ast.ts'
import { formatDigits } from '../syntax/numbers.ts'
import { quote } from '../syntax/quoting.ts'

/** How many series of each group have which value; the value becomes the label `name`. */
export async function countValues(
  vector: Vector,
  node: Aggregation,
  name: string,
  query: Query,
): Promise<Vector> {
  if (!isValidLabelName(name)) throw queryFailed(`invalid label name ${quote(name)}`)
  const { steps } = vector
  if (vector.labels.length === 0) return emptyVector(steps)
  const named = new Set(node.grouping)
  const groupOf = (labels: LabelSet): LabelSet =>
    node.without
      ? filterLabels(labels, (label) => !named.has(label) && !isMetadataLabel(label))
      : filterLabels(labels, (label) => named.has(label))
  // The new label is grouped by as any other.
  const isDropped = node.without && (named.has(name) || isMetadataLabel(name))
  const builder = createVectorBuilder(steps, query)
  for (const [i, labels] of vector.labels.entries()) {
    if (query.pacer.due()) await query.pacer.pause()
    const group = groupOf(labels)
    for (let k = 0; k < steps; k++) {
      if (vector.present[i * steps + k] === 0) continue
      const value = vector.values[i * steps + k]!
      const row = builder.row(isDropped ? group : withLabel(group, name, formatDigits(value)))
      row.dropName ||= named.has('__name__') && vector.dropName[i] === 1
      row.values[k]! += 1
      row.present[k] = 1
    }
  }
  return builder.finish()
}
