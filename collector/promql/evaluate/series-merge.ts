import { labelKey, labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { hasNameOnly, withoutMetadata } from './labels.ts'
import { queryFailed } from './query.ts'
import type { Query } from './query.ts'
import { allocateVector } from './values.ts'
import type { Vector } from './values.ts'

/** Series whose labels are looked at between two looks at the clock. */
const seriesPerLook = 16

/** The vector after an operation that makes the metric name meaningless. */
export async function dropNames(vector: Vector, query: Query): Promise<Vector> {
  if (query.keepNames) return vector
  if (query.delayedNameRemoval) {
    return { ...vector, dropName: new Uint8Array(vector.labels.length).fill(1) }
  }
  return removeNames(vector, () => true, query)
}

/** Removes the names that were marked during a query with delayed name removal. */
export async function removeMarkedNames(vector: Vector, query: Query): Promise<Vector> {
  return vector.dropName.includes(1) ? removeNames(vector, (i) => vector.dropName[i] === 1, query) : vector
}

async function removeNames(vector: Vector, chosen: (i: number) => boolean, query: Query): Promise<Vector> {
  const labels: LabelSet[] = []
  for (let i = 0; i < vector.labels.length; i++) {
    if (i % seriesPerLook === 0 && query.pacer.due()) await query.pacer.pause()
    const set = vector.labels[i]!
    labels.push(chosen(i) ? withoutMetadata(set) : set)
  }
  const renamed = { ...vector, labels }
  return differOnlyByName(vector.labels, labels) ? mergeSameLabels(renamed, query) : renamed
}

/** False when removing the names cannot have made two series equal: all had one name and nothing else went. */
function differOnlyByName(before: readonly LabelSet[], after: readonly LabelSet[]): boolean {
  const first = before[0]
  if (first === undefined) return false
  const name = labelValue(first, metricNameLabel)
  return before.some(
    (labels, i) =>
      labelValue(labels, metricNameLabel) !== name ||
      labels.length - after[i]!.length !== (name === '' ? 0 : 2),
  )
}

/** Whether all have one and the same name, and nothing else that describes the metric: they differ without it as well. */
export function haveOneName(all: readonly LabelSet[]): boolean {
  for (let i = 0; i < all.length; i++) {
    const labels = all[i]!
    if (labels[1] !== all[0]![1] || !hasNameOnly(labels)) return false
  }
  return true
}

/**
 * Makes one series of those with equal labels, which may take turns over time but not overlap.
 * @throws PgherdError QUERY_FAILED when two have a value at the same step.
 */
export async function mergeSameLabels(vector: Vector, { pacer }: Query): Promise<Vector> {
  const rowOf = new Map<string, number>()
  const rows: number[] = []
  for (const [i, set] of vector.labels.entries()) {
    if (i % seriesPerLook === 0 && pacer.due()) await pacer.pause()
    const key = labelKey(set)
    const row = rowOf.get(key) ?? rowOf.size
    rowOf.set(key, row)
    rows.push(row)
  }
  if (rowOf.size === vector.labels.length) return vector
  const { steps } = vector
  const labels: LabelSet[] = []
  for (const [i, row] of rows.entries()) labels[row] ??= vector.labels[i]!
  const out = allocateVector(labels, steps)
  for (const [i, row] of rows.entries()) {
    if (i % seriesPerLook === 0 && pacer.due()) await pacer.pause()
    out.dropName[row] = out.dropName[row]! | vector.dropName[i]!
    for (let k = 0; k < steps; k++) {
      if (vector.present[i * steps + k] === 0) continue
      if (out.present[row * steps + k] === 1) {
        throw queryFailed('vector cannot contain metrics with the same labelset')
      }
      out.present[row * steps + k] = 1
      out.values[row * steps + k] = vector.values[i * steps + k]!
    }
  }
  return out
}
