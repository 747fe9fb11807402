import { reserveCells } from './query.ts'
import type { Query } from './query.ts'
import { allocateVector } from './values.ts'
import type { Vector } from './values.ts'

/** The series of several vectors one after the other; their labels are not compared. */
export function concatenate(parts: readonly Vector[], steps: number, query: Query): Vector {
  const labels = parts.flatMap((part) => part.labels)
  reserveCells(query, labels.length, steps)
  const out = allocateVector(labels, steps)
  let row = 0
  for (const part of parts) {
    out.values.set(part.values, row * steps)
    out.present.set(part.present, row * steps)
    out.dropName.set(part.dropName, row)
    row += part.labels.length
  }
  return out
}
