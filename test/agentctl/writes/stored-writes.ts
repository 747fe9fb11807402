import { createEngine } from '../../../collector/promql/engine.ts'
import { createMemoryStore } from '../../../collector/rules-tool/memory-store.ts'
import { labelRecord, labelSet } from '../../../common/series/label-set.ts'
import { failure, fakeCollector } from '../fake-collector.ts'
import type { Answering } from '../fake-collector.ts'

/** A series of an hour: what it was at its beginning, and what it is now. */
export interface Hour {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly from: number
  readonly to: number
}

export const grown = (name: string, by: number, labels: Readonly<Record<string, string>> = {}): Hour => ({
  name,
  labels,
  from: 0,
  to: by,
})
export const steady = (name: string, value: number, labels: Readonly<Record<string, string>> = {}): Hour => ({
  name,
  labels,
  from: value,
  to: value,
})

const nowMs = Date.UTC(2026, 10, 27, 12)
const minutes = 60

/** A collector whose store has these series of pg-main-1 (or as their labels say), a sample a minute, and answers PromQL as a real one. */
export async function collectorWith(
  series: readonly Hour[],
  routes: Readonly<Record<string, Answering>> = {},
): Promise<{ readonly url: string }> {
  const store = createMemoryStore()
  const labels = series.map((one) =>
    labelSet({ cls: 'pg-main', ins: 'pg-main-1', ...one.labels, __name__: one.name }),
  )
  // The window of a range is open at its begin.
  for (let minute = 0; minute <= minutes; minute++) {
    const values = series.map(({ from, to }) => from + ((to - from) * minute) / minutes)
    await store.append(nowMs - (minutes - minute) * 60_000, labels, Float64Array.from(values))
  }
  const engine = createEngine()
  const evaluate = async (query: string): Promise<unknown> => {
    const result = await engine.instant(store, query, nowMs)
    if (result.type !== 'vector') return failure('bad_data', `no vector: ${query}`)
    return {
      resultType: 'vector',
      result: result.samples.map((one) => ({
        metric: labelRecord(one.labels),
        value: [nowMs / 1000, String(one.value)],
      })),
    }
  }
  return fakeCollector({
    'POST /api/v1/query': ({ body }) => evaluate(new URLSearchParams(body).get('query') ?? ''),
    ...routes,
  })
}
