import { labelKey } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { reserveNextSeries } from './query.ts'
import type { Query } from './query.ts'
import { allocateVector } from './values.ts'
import type { Vector } from './values.ts'

/** One series under construction. */
export interface Row {
  readonly values: Float64Array
  readonly present: Uint8Array
  readonly labels: LabelSet
  dropName: boolean
}

/** Builds a vector whose series are found one by one, in the order of their first appearance. */
export interface VectorBuilder {
  /** The row of a label set, a new one the first time. */
  row(labels: LabelSet): Row
  finish(): Vector
}

/** @throws PgherdError QUERY_LIMIT from row() when there are too many. */
export function createVectorBuilder(steps: number, query: Query): VectorBuilder {
  const rows: Row[] = []
  const byKey = new Map<string, Row>()
  return {
    row: (labels) => {
      const key = labelKey(labels)
      const known = byKey.get(key)
      if (known !== undefined) return known
      reserveNextSeries(query, rows.length + 1, steps)
      const row = { values: new Float64Array(steps), present: new Uint8Array(steps), labels, dropName: false }
      byKey.set(key, row)
      rows.push(row)
      return row
    },
    finish: () => {
      const out = allocateVector(
        rows.map((row) => row.labels),
        steps,
      )
      for (const [i, row] of rows.entries()) {
        out.values.set(row.values, i * steps)
        out.present.set(row.present, i * steps)
        out.dropName[i] = row.dropName ? 1 : 0
      }
      return out
    },
  }
}
