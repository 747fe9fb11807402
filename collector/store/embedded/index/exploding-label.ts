import { metricNameLabel } from '../../../../common/series/label-set.ts'
import { valueSymbol } from './series-columns.ts'
import type { SeriesColumns } from './series-columns.ts'

/** The label to which most of the newest series are owed. */
export interface ExplodingLabel {
  readonly label: string
  readonly metric: string
  /** How many different values it has among the newest series of this metric, and how many series these are. */
  readonly values: number
  readonly series: number
  /** The value that came last. */
  readonly example: string
}

/** Enough to see what is growing, and few enough to be counted within milliseconds. */
const newestSeries = 5000

/**
 * Among the newest series, the metric that most of them belong to, and the label that has the most different values
 * in it: the growth of the last moments, not the state of years. Undefined when there are no series.
 */
export function explodingLabel(table: SeriesColumns): ExplodingLabel | undefined {
  const first = Math.max(0, table.count - newestSeries)
  const name = table.symbols.ids.get(metricNameLabel) ?? -1
  const byMetric = new Map<number, number[]>()
  for (let ref = first; ref < table.count; ref++) {
    const metric = valueSymbol(table, ref, name)
    const refs = byMetric.get(metric)
    if (refs === undefined) byMetric.set(metric, [ref])
    else refs.push(ref)
  }
  const [largest] = [...byMetric].sort(([, a], [, b]) => b.length - a.length)
  if (largest === undefined) return undefined
  const [metric, refs] = largest
  const values = new Map<number, Set<number>>()
  for (const ref of refs) {
    for (let i = table.starts[ref]!; i < table.starts[ref + 1]!; i += 2) {
      const label = table.pool[i]!
      const seen = values.get(label)
      if (seen === undefined) values.set(label, new Set([table.pool[i + 1]!]))
      else seen.add(table.pool[i + 1]!)
    }
  }
  const [widest] = [...values].sort(([, a], [, b]) => b.size - a.size)
  if (widest === undefined) return undefined
  const [label, different] = widest
  const { texts } = table.symbols
  return {
    label: texts[label]!,
    metric: texts[metric]!,
    values: different.size,
    series: refs.length,
    example: texts[valueSymbol(table, refs.at(-1)!, label)]!,
  }
}
