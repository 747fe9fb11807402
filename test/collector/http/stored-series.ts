import { PgherdError } from '../../../common/errors.ts'
import { labelSet, labelValue } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { setStale } from '../../../common/series/stale.ts'
import type { Snapshot, StoreAdministration } from '../../../common/store-administration.ts'

/** One sample: seconds and value, 'stale' for the marker. */
type Sample = readonly [seconds: number, value: number | 'stale']

export function seriesOf(
  labels: Readonly<Record<string, string>>,
  samples: readonly Sample[],
): SeriesSamples {
  const values = Float64Array.from(samples, ([, value]) => (value === 'stale' ? 0 : value))
  for (const [i, [, value]] of samples.entries()) if (value === 'stale') setStale(values, i)
  return {
    labels: labelSet(labels),
    timestamps: Float64Array.from(samples, ([seconds]) => seconds * 1000),
    values,
  }
}

/** A store in memory, which knows equality matchers only and remembers what was asked of it. */
export function storing(all: readonly SeriesSamples[]) {
  const deleted: unknown[] = []
  const snapshots: Snapshot[] = []
  let closed = 0
  const administration: StoreAdministration = {
    async *exportSeries(selectors, fromMs, toMs, signal) {
      try {
        for (const { labels, timestamps, values } of all) {
          if (signal?.aborted === true) throw new PgherdError('CANCELLED', 'the export was cancelled')
          if (
            !selectors.some((selector) =>
              selector.every(({ name, value }) => labelValue(labels, name) === value),
            )
          ) {
            continue
          }
          await Promise.resolve()
          const from = timestamps.findIndex((time) => time >= fromMs)
          const to = timestamps.findLastIndex((time) => time <= toMs) + 1
          if (from !== -1 && to > from) {
            yield { labels, timestamps: timestamps.slice(from, to), values: values.slice(from, to) }
          }
        }
      } finally {
        closed++
      }
    },
    deleteSeries: (selectors) => {
      deleted.push(selectors)
      return Promise.resolve(1)
    },
    createSnapshot: () => {
      const name = `snapshot-${snapshots.length + 1}`
      const snapshot = { name, path: `/snapshots/${name}`, createdMs: 0, bytes: 0 }
      snapshots.push(snapshot)
      return Promise.resolve(snapshot)
    },
    listSnapshots: () => Promise.resolve([...snapshots]),
    deleteSnapshot: (name) => {
      const at = snapshots.findIndex((snapshot) => snapshot.name === name)
      if (at === -1) return Promise.reject(new PgherdError('NOT_FOUND', `there is no snapshot ${name}`))
      snapshots.splice(at, 1)
      return Promise.resolve()
    },
  }
  return { administration, deleted, snapshots, closed: () => closed }
}
