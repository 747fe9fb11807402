import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { LabelSet } from '../../../../common/series/label-set.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import type { Cardinality, NamedCount } from '../../../../common/store-administration.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  hour,
  named,
  openTestStore,
  windowStart,
} from './test-store.ts'

const value = fc.constantFrom('a', 'b', 'ab', 'é')
const labels = fc
  .record({ __name__: fc.constantFrom('m', 'n', 'o'), x: value, y: value }, { requiredKeys: ['__name__'] })
  .map((record) => labelSet(record as Record<string, string>))

function largest(counts: ReadonlyMap<string, number>, top: number): NamedCount[] {
  return [...counts]
    .map(([name, count]) => ({ name, value: count }))
    .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
    .slice(0, top)
}

/** The obvious way: every label of every series. */
function model(series: readonly LabelSet[], top: number): Cardinality {
  const distinct = new Map(series.map((one) => [JSON.stringify(one), one]))
  const counts = { metric: new Map<string, number>(), label: new Map<string, number>() }
  const more = { pair: new Map<string, number>(), x: new Map<string, number>() }
  const values = new Map<string, Set<string>>()
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1)
  let pairs = 0
  for (const one of distinct.values()) {
    for (let i = 0; i < one.length; i += 2) {
      const name = one[i]!
      const text = one[i + 1]!
      pairs++
      count(counts.label, name)
      count(more.pair, `${name}=${text}`)
      if (name === '__name__') count(counts.metric, text)
      if (name === 'x') count(more.x, text)
      values.set(name, (values.get(name) ?? new Set()).add(text))
    }
  }
  const sizes = [...values].map(([name, texts]) => [name, texts.size] as const)
  const bytes = [...values].map(
    ([name, texts]) => [name, [...texts].reduce((sum, text) => sum + Buffer.byteLength(text), 0)] as const,
  )
  return {
    totalSeries: distinct.size,
    totalLabelValuePairs: pairs,
    seriesCountByMetricName: largest(counts.metric, top),
    seriesCountByLabelName: largest(counts.label, top),
    seriesCountByFocusLabelValue: largest(more.x, top),
    seriesCountByLabelValuePair: largest(more.pair, top),
    labelValueCountByLabelName: largest(new Map(sizes), top),
    memoryInBytesByLabelName: largest(new Map(bytes), top),
  }
}

it('the counts are those of looking at every label of every series: of the head, of a range, of a selector', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(labels, { maxLength: 30 }),
      fc.array(labels, { maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      async (old, recent, top) => {
        await using directory = await createTemporaryDirectory()
        const clock = createManualClock(windowStart)
        await using store = await openTestStore(directory.path, clock)
        await appendSamples(
          store,
          old.map((one) => [one, clock.nowMs, 1] as const),
        )
        clock.nowMs += 3 * hour
        await store.maintain()
        await appendSamples(
          store,
          recent.map((one) => [one, clock.nowMs, 1] as const),
        )
        const count = { top, selectors: [], focusLabel: 'x' }
        const all = { fromMs: 0, toMs: clock.nowMs }
        const first = { fromMs: 0, toMs: windowStart }
        expect(await store.cardinality(count)).toEqual(model(recent, top))
        expect(await store.cardinality({ ...count, range: all })).toEqual(model([...old, ...recent], top))
        expect(await store.cardinality({ ...count, range: first })).toEqual(model(old, top))
        const m = [...old, ...recent].filter((one) => one[1] === 'm')
        expect(await store.cardinality({ ...count, range: all, selectors: [named('m')] })).toEqual(
          model(m, top),
        )
      },
    ),
    { numRuns: 25 },
  )
})

it('an empty store has no series', async () => {
  await using directory = await createTemporaryDirectory()
  await using store = await openTestStore(directory.path, createManualClock(windowStart))
  expect(await store.cardinality({ top: 10, selectors: [] })).toEqual({ ...model([], 10) })
})
