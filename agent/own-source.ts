import type { Registry } from 'prom-client'
import type { SampleTable } from '../common/series/sample-table.ts'

/** The agent as one of its own sources: what it costs and how far behind it is, beside what it measures. */
export interface OwnSource extends AsyncDisposable {
  readonly labels: Readonly<Record<string, string>>
  measure(): Promise<{ readonly up: boolean; readonly tables: readonly SampleTable[] }>
}

/** @param labels of all its series */
export function createOwnSource(labels: Readonly<Record<string, string>>, registry: Registry): OwnSource {
  return {
    labels,
    async measure() {
      const tables: SampleTable[] = []
      for (const metric of await registry.getMetricsAsJSON()) {
        for (const { labels: own, value } of metric.values) {
          const names = Object.keys(own).sort()
          tables.push({
            metrics: [metric.name],
            labelNames: names,
            rows: [{ labels: names.map((name) => String(own[name])), values: [value] }],
          })
        }
      }
      return { up: true, tables }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
