import { labelKey } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { IngestOptions } from '../../../collector/ingest/ingest.ts'

export const nowMs = 1_700_000_000_000

/** The face of a store that remembers what it was given. */
export function createRecordingStore() {
  const refs = new Map<string, number>()
  const known: LabelSet[] = []
  const appends: { metric: string | undefined; timestamp: number; value: number }[][] = []
  let lookups = 0
  const options: IngestOptions = {
    now: () => nowMs,
    seriesRef(labels) {
      lookups++
      const key = labelKey(labels)
      const ref = refs.get(key) ?? known.push(labels) - 1
      refs.set(key, ref)
      return ref
    },
    append(columnRefs, timestamps, values, count) {
      appends.push(
        Array.from({ length: count }, (_, i) => ({
          metric: known[columnRefs[i]!]?.join(' '),
          timestamp: timestamps[i]!,
          value: values[i]!,
        })),
      )
      return Promise.resolve({ stored: count, duplicate: 0, outOfBounds: 0 })
    },
  }
  return { options, appends, lookups: () => lookups }
}
