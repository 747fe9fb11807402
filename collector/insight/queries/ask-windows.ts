import { labelKey } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { AskSamples } from '../ask-samples.ts'

/**
 * Where points are closer than this VictoriaMetrics answers with the one before in place of the newest ones
 * (-search.maxStepForPointsAdjustment), of which a range that ends now has nothing but.
 */
const adjustedBelowMs = 60_000

/** An expression at the end of each window of a range. @throws PgherdError of the query */
export async function askWindows(
  store: AskSamples,
  expression: string,
  windows: {
    readonly startMs: number
    readonly endMs: number
    readonly stepMs: number
    readonly count: number
  },
  signal: AbortSignal,
): Promise<readonly SeriesSamples[]> {
  const { startMs, stepMs, count } = windows
  if (stepMs >= adjustedBelowMs) return store.range(expression, windows, signal)
  const found = new Map<string, { labels: LabelSet; timestamps: number[]; values: number[] }>()
  for (let i = 1; i <= count; i++) {
    const atMs = startMs + i * stepMs
    for (const { labels, value } of await store.vector(expression, atMs, signal)) {
      const key = labelKey(labels)
      let series = found.get(key)
      if (series === undefined) found.set(key, (series = { labels, timestamps: [], values: [] }))
      series.timestamps.push(atMs)
      series.values.push(value)
    }
  }
  return [...found.values()].map(({ labels, timestamps, values }) => ({
    labels,
    timestamps: Float64Array.from(timestamps),
    values: Float64Array.from(values),
  }))
}
