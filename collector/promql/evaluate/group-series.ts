import { metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { createGroupKey, filterLabels, isMetadataLabel } from './labels.ts'
import type { Query } from './query.ts'
import type { Vector } from './values.ts'

/** Which group each series of a vector belongs to; groups in the order of their first series. */
export interface Groups {
  readonly groupOf: Int32Array
  readonly labels: readonly LabelSet[]
  readonly dropName: Uint8Array
}

const seriesPerLook = 16

/** Groups by some labels, or by all but some (and never by the metric name then). */
export async function groupSeries(
  vector: Vector,
  grouping: readonly string[],
  without: boolean,
  { pacer }: Query,
): Promise<Groups> {
  const named = new Set(grouping)
  const keep = without
    ? (name: string): boolean => !named.has(name) && !isMetadataLabel(name)
    : (name: string): boolean => named.has(name)
  const keyOf = without
    ? createGroupKey([...grouping, metricNameLabel, '__type__', '__unit__'], true)
    : createGroupKey(grouping, false)
  const byKey = new Map<string, number>()
  const labels: LabelSet[] = []
  const groupOf = new Int32Array(vector.labels.length)
  for (let i = 0; i < groupOf.length; i++) {
    if (i % seriesPerLook === 0 && pacer.due()) await pacer.pause()
    const set = vector.labels[i]!
    const key = keyOf(set)
    let group = byKey.get(key)
    if (group === undefined) {
      group = labels.length
      byKey.set(key, group)
      labels.push(filterLabels(set, keep))
    }
    groupOf[i] = group
  }
  const dropName = new Uint8Array(labels.length)
  if (!without && named.has(metricNameLabel)) {
    for (let i = 0; i < groupOf.length; i++) dropName[groupOf[i]!]! |= vector.dropName[i]!
  }
  return { groupOf, labels, dropName }
}

/** Indexes of the series of each group. */
export function membersOf(groups: Groups): number[][] {
  const members = groups.labels.map((): number[] => [])
  for (let i = 0; i < groups.groupOf.length; i++) members[groups.groupOf[i]!]!.push(i)
  return members
}
