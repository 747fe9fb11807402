import { parseSeriesLine, toSamples } from './conformance/series-notation.ts'
import { createMemoryQueryable } from './memory-queryable.ts'
import type { MemoryQueryable } from './memory-queryable.ts'

/** A store with series in the notation of rule tests, samples `stepMs` apart from time 0: `up{a="b"} 1+1x10 _ stale`. */
export function loadSeries(stepMs: number, ...lines: readonly string[]): MemoryQueryable {
  const queryable = createMemoryQueryable()
  for (const line of lines) {
    const { labels, items } = parseSeriesLine(line)
    const { timestamps, values } = toSamples(items, stepMs)
    queryable.add(labels, timestamps, values)
  }
  return queryable
}
