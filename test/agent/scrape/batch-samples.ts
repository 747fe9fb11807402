import type { Batch } from '../../../agent/scrape/batch.ts'
import { labelRecord } from '../../../common/series/label-set.ts'
import { isStaleAt } from '../../../common/series/stale.ts'

/** A batch in a form to compare: `name{label=value,...}` without the labels of the source; `stale` for a marker. */
export function batchSamples(
  batch: Batch,
  identity: readonly string[] = ['job', 'cls', 'ins', 'ip', 'instance'],
): Readonly<Record<string, number | 'stale'>> {
  const out: Record<string, number | 'stale'> = {}
  for (const [i, series] of batch.series.entries()) {
    const { __name__: name, ...labels } = labelRecord(series)
    const own = Object.entries(labels).filter(([label]) => !identity.includes(label))
    const suffix = own.length === 0 ? '' : `{${own.map(([label, value]) => `${label}=${value}`).join()}}`
    const key = `${name ?? ''}${suffix}`
    if (key in out) throw new Error(`${key} is there twice`)
    out[key] = isStaleAt(batch.values, i) ? 'stale' : batch.values[i]!
  }
  return out
}
