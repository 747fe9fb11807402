import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'

export interface Observations {
  readonly labelNames: readonly string[]
  readonly observations: readonly { readonly labels: readonly string[]; readonly value: number | undefined }[]
}

/**
 * A snapshot histogram: one observation per row of the result, counted afresh at each execution. Its series
 * are gauges, which go down as rows vanish, so rate() makes no sense of them; histogram_quantile() does.
 */
export function histogramTable(
  name: string,
  buckets: readonly number[],
  { labelNames, observations }: Observations,
): readonly SampleTable[] {
  const groups = new Map<string, { readonly labels: readonly string[]; readonly values: number[] }>()
  for (const { labels, value } of observations) {
    // A NaN falls into no bucket and would spoil the sum.
    if (value === undefined || Number.isNaN(value)) continue
    const key = labels.join('\u0000')
    let group = groups.get(key)
    if (group === undefined) groups.set(key, (group = { labels, values: [] }))
    group.values.push(value)
  }
  const bounds = [...buckets, Infinity]
  // Label sets are sorted by name: this is where `le` belongs.
  const place = labelNames.findIndex((label) => label > 'le')
  const at = place < 0 ? labelNames.length : place
  const bucketRows: SampleRow[] = []
  const totalRows: SampleRow[] = []
  for (const { labels, values } of groups.values()) {
    for (const bound of bounds) {
      bucketRows.push({
        labels: labels.toSpliced(at, 0, bound === Infinity ? '+Inf' : String(bound)),
        values: [values.filter((value) => value <= bound).length],
      })
    }
    totalRows.push({ labels, values: [values.length, values.reduce((sum, value) => sum + value, 0)] })
  }
  return [
    { metrics: [`${name}_bucket`], labelNames: labelNames.toSpliced(at, 0, 'le'), rows: bucketRows },
    { metrics: [`${name}_count`, `${name}_sum`], labelNames, rows: totalRows },
  ]
}
