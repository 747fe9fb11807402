import { PgherdError } from '../../../common/errors.ts'
import { labelKey } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'

/** The label sets behind the references that ingestion caches. The engine has no use for them, only the encoder. */
export interface SeriesTable {
  ref(labels: LabelSet): number
  /** @throws PgherdError INTERNAL for a reference of an earlier generation */
  labels(ref: number): LabelSet
  /** With it end all references given before; it changes between two turns of the event loop. */
  readonly generation: number
  readonly size: number
}

/**
 * Bounded: a full table starts over, which costs each series one parse of its labels. What one turn of the event loop
 * adds beyond the bound, one request at most, stays until the turn is over.
 */
export function createSeriesTable(maxSeries: number): SeriesTable {
  let generation = 0
  let byKey = new Map<string, number>()
  let all: LabelSet[] = []
  let isEnding = false

  const startOver = () => {
    byKey = new Map()
    all = []
    isEnding = false
    generation++
  }

  return {
    ref(labels) {
      const key = labelKey(labels)
      const known = byKey.get(key)
      if (known !== undefined) return known
      if (all.length >= maxSeries && !isEnding) {
        isEnding = true
        setImmediate(startOver)
      }
      const ref = all.push(labels) - 1
      byKey.set(key, ref)
      return ref
    },
    labels(ref) {
      const labels = all[ref]
      if (labels === undefined) {
        throw new PgherdError('INTERNAL', `series reference ${ref} is of a generation that has gone`)
      }
      return labels
    },
    get generation() {
      return generation
    },
    get size() {
      return all.length
    },
  }
}
