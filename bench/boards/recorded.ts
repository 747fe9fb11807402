import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseDurationMs } from '../../collector/promql/syntax/numbers.ts'
import { createEngine } from '../../collector/promql/engine.ts'
import type { EmbeddedStore } from '../../collector/store/embedded/embedded-store.ts'
import { labelRecord, labelSet } from '../../common/series/label-set.ts'
import type { Metric } from './herd.ts'

const files = ['record.yaml', 'record-writes.yaml', 'record-long.yaml']
const file = z.object({
  groups: z.array(
    z.object({
      interval: z.string(),
      rules: z.array(z.object({ record: z.string(), expr: z.string() })),
    }),
  ),
})

/**
 * The series that the rules for boards record, found by evaluating them once over what is stored.
 * @param store has samples of what they are made of up to `atMs`
 */
export async function recordedSeries(store: EmbeddedStore, atMs: number): Promise<readonly Metric[]> {
  const engine = createEngine()
  const metrics: Metric[] = []
  for (const name of files) {
    const text = readFileSync(new URL(`../../rules/${name}`, import.meta.url), 'utf8')
    for (const { interval, rules } of file.parse(parse(text)).groups) {
      for (const { record, expr } of rules) {
        const result = await engine.instant(store, expr, atMs)
        if (result.type !== 'vector') throw new Error(`${record} is no vector`)
        const series = result.samples.map(({ labels }) =>
          labelSet({ ...labelRecord(labels), __name__: record }),
        )
        metrics.push({ name: record, everyMs: parseDurationMs(interval)!, series })
        // Rules are made of those before them.
        const refs = Uint32Array.from(series, (one) => store.seriesRef(one))
        const times = new Float64Array(series.length).fill(atMs)
        const values = Float64Array.from(result.samples, ({ value }) => value)
        await store.append(refs, times, values, series.length, store.refGeneration)
      }
    }
  }
  return metrics
}
