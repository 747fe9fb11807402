import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { isComparison } from '../syntax/ast.ts'
import type { Binary } from '../syntax/ast.ts'
import { filterLabels, isMetadataLabel, withLabel, withoutMetadata } from './labels.ts'

/**
 * The labels of one result of a binary operation, from those of its "many" and "one" operand: one-to-one keeps the
 * matching labels, group_left and group_right keep those of the many side and copy some of the one side.
 */
export function resultLabels(node: Binary, many: LabelSet, one: LabelSet, dropMetadata: boolean): LabelSet {
  const { matching } = node
  const keeps = node.keepNames || (isComparison(node.operator) && !dropMetadata)
  let labels = keeps ? many : withoutMetadata(many)
  if (matching.cardinality === 'one-to-one') {
    const named = new Set(matching.labels)
    labels = filterLabels(
      labels,
      (name) => named.has(name) === matching.on || (node.keepNames && isMetadataLabel(name)),
    )
  }
  for (const name of matching.include) labels = withLabel(labels, name, labelValue(one, name))
  return labels
}

/** The labels that a side filled in has: those both sides agree on. */
export function matchedLabels(node: Binary, labels: LabelSet): LabelSet {
  const named = new Set(node.matching.labels)
  return node.matching.on
    ? filterLabels(labels, (name) => named.has(name))
    : filterLabels(labels, (name) => !named.has(name) && name !== metricNameLabel)
}
