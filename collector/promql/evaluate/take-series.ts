import { allocateVector } from './values.ts'
import type { Vector } from './values.ts'

/** The series at the given indexes, in that order. */
export function takeSeries(vector: Vector, indexes: ArrayLike<number>): Vector {
  const { steps } = vector
  const order = Array.from(indexes)
  const out = allocateVector(
    order.map((i) => vector.labels[i]!),
    steps,
    Uint8Array.from(order, (i) => vector.dropName[i]!),
  )
  for (const [row, i] of order.entries()) {
    out.values.set(vector.values.subarray(i * steps, (i + 1) * steps), row * steps)
    out.present.set(vector.present.subarray(i * steps, (i + 1) * steps), row * steps)
  }
  return out
}

/** Without the series that have no value at any step. */
export function withoutEmptySeries(vector: Vector): Vector {
  const { steps, present } = vector
  const kept: number[] = []
  for (let i = 0; i < vector.labels.length; i++) {
    if (present.subarray(i * steps, (i + 1) * steps).includes(1)) kept.push(i)
  }
  return kept.length === vector.labels.length ? vector : takeSeries(vector, kept)
}
