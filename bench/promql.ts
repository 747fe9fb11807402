import { createEngine } from '../collector/promql/engine.ts'
import { labelSet } from '../common/series/label-set.ts'
import type { SeriesSamples } from '../common/series/samples.ts'

/*
 * How long the engine itself takes: 2,000 series, an hour at 15 s steps. The samples come from memory in no time, so
 * that nothing of a store is measured. Run: node bench/promql.ts
 */
const seriesCount = 2000
const stepMs = 15_000
const hourMs = 3_600_000
const windowMs = 300_000
const runs = 15

const series: SeriesSamples[] = Array.from({ length: seriesCount }, (_, i) => {
  const samples = (hourMs + windowMs) / stepMs + 1
  return {
    labels: labelSet({
      __name__: 'x_total',
      cls: `pg-${i % 50}`,
      datname: `d${i % 3}`,
      ins: `pg-${i % 50}-${Math.floor(i / 50)}`,
      job: 'pg',
    }),
    timestamps: Float64Array.from({ length: samples }, (_value, j) => j * stepMs + (i % 15) * 1000),
    values: Float64Array.from({ length: samples }, (_value, j) => j * ((i % 7) + 1)),
  }
})
const queryable = { select: () => Promise.resolve(series) }
const engine = createEngine()
const queries = [
  'sum(rate(x_total[5m]))',
  'sum by (cls) (rate(x_total[5m]))',
  'x_total',
  'max_over_time(x_total[5m])',
  'avg_over_time(x_total[5m])',
  'quantile_over_time(0.9, x_total[5m])',
  'topk(5, x_total)',
  'quantile by (cls) (0.9, x_total)',
  'x_total / x_total',
  'rate(x_total[5m]) > 0 and on (ins) x_total',
]

const table: Record<string, { 'best ms': number; 'median ms': number }> = {}
for (const query of queries) {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now()
    await engine.range(queryable, query, windowMs, windowMs + hourMs, stepMs)
    times.push(performance.now() - startedMs)
  }
  times.sort((a, b) => a - b)
  table[query] = {
    'best ms': Math.round(times[0]! * 10) / 10,
    'median ms': Math.round(times[Math.floor(runs / 2)]! * 10) / 10,
  }
}
console.table(table)
