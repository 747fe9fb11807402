import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  everything,
  hour,
  metric,
  named,
  openTestStore,
  readOne,
  windowStart,
} from './test-store.ts'
import type { ManualClock } from './test-store.ts'

const forgetful = { spareSeries: 0 }

/** Writes one sample of each series now. */
async function write(store: EmbeddedStore, clock: ManualClock, series: readonly string[]): Promise<void> {
  await appendSamples(
    store,
    series.map((name) => [metric('m', { s: name }), clock.nowMs, clock.nowMs % 1000] as const),
  )
}

/** Seals everything that is over, which leaves the series of the open windows. */
async function passWindow(store: EmbeddedStore, clock: ManualClock): Promise<void> {
  clock.nowMs += 3 * hour
  await store.maintain()
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i)}`)
}

describe('series that are in no open window', () => {
  it('are forgotten, so that the index is bounded by what is written to', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, forgetful)
    for (let day = 0; day < 5; day++) {
      await write(store, clock, names(`day${String(day)}-`, 100))
      await passWindow(store, clock)
      await write(store, clock, ['steady'])
      await store.maintain()
      expect(store.stats().series?.known).toBe(1)
    }
    expect(await store.series([], 0, clock.nowMs)).toHaveLength(501)
    expect(store.stats().series?.known).toBe(1)
  })

  it('are found in their blocks as before, and go on under a new reference', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, forgetful)
    await write(store, clock, names('s', 10))
    const first = clock.nowMs
    await passWindow(store, clock)
    await write(store, clock, ['s7'])
    expect(await readOne(store, [...named('m'), { name: 's', operator: '=', value: 's7' }])).toEqual([
      [first, first % 1000],
      [clock.nowMs, clock.nowMs % 1000],
    ])
    expect(await store.labelValues('s', [], 0, clock.nowMs)).toHaveLength(10)
  })

  it('are kept while there are few of them beside those that are written to', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, { spareSeries: 10 })
    const generation = store.refGeneration
    await write(store, clock, names('s', 10))
    await passWindow(store, clock)
    expect(store.stats().series?.known).toBe(10)
    expect(store.refGeneration).toBe(generation)
  })
})

describe('while series are forgotten', () => {
  it('appends that wait are stored under the labels for which they were made', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, forgetful)
    await write(store, clock, names('old', 500))
    await passWindow(store, clock)
    await write(store, clock, names('sealed', 2000))
    const generation = store.refGeneration
    clock.nowMs += 3 * hour
    await write(store, clock, names('open', 20))
    const maintained = store.maintain()
    const appends: Promise<unknown>[] = []
    const expected = new Map<string, number[]>()
    const from = ++clock.nowMs
    // Some wait for the one before them to reach the disk, also at the moment in which the series change.
    for (let i = 0; store.refGeneration === generation; i++) {
      clock.nowMs++
      const series = [`open${String(i % 20)}`, `sealed${String(i % 30)}`, `new${String(i % 40)}`]
      for (const name of series) expected.set(name, [...(expected.get(name) ?? []), clock.nowMs])
      appends.push(write(store, clock, series))
      await new Promise(setImmediate)
    }
    await Promise.all([maintained, ...appends])
    const found = await store.select(everything, from, clock.nowMs)
    expect(new Map(found.map(({ labels, timestamps }) => [labels[3], [...timestamps]]))).toEqual(expected)
  })

  it('refs that were kept over the exchange are refused, and store nothing under other labels', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, forgetful)
    await write(store, clock, names('gone', 2000))
    const generation = store.refGeneration
    const kept = store.seriesRef(metric('gone7'))
    await passWindow(store, clock)
    expect(store.refGeneration).toBeGreaterThan(generation)
    await write(store, clock, names('other', 20))
    const before = clock.nowMs
    const late = store.append(
      Uint32Array.of(kept),
      Float64Array.of(before + 1),
      Float64Array.of(1),
      1,
      generation,
    )
    await expect(late).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await store.select(everything, before + 1, before + 1)).toEqual([])
  })

  it('a query that has begun goes on with the series as they were', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, forgetful)
    await write(store, clock, names('gone', 3000))
    clock.nowMs += 3 * hour
    await write(store, clock, names('open', 2000))
    const generation = store.refGeneration
    const maintained = store.maintain()
    const answers: number[] = []
    const ask = async (): Promise<void> => {
      do answers.push((await store.select(everything, 0, clock.nowMs)).length)
      while (store.refGeneration === generation)
    }
    await Promise.all([ask(), ask(), ask(), maintained])
    expect(new Set(answers)).toEqual(new Set([5000]))
  })
})

type Step =
  | { readonly kind: 'write'; readonly series: readonly number[] }
  | { readonly kind: 'pass'; readonly hours: number }
  | { readonly kind: 'maintain' }
  | { readonly kind: 'query' }
  | { readonly kind: 'reopen' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      series: fc.array(fc.nat(11), { maxLength: 12 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'maintain' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'query' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
)

it('a store that forgets answers as a map from series to samples, with appends, queries and forgetting under way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20 }), async (steps) => {
      await using directory = await createTemporaryDirectory()
      const clock = createManualClock(windowStart)
      const model = new Map<string, number[]>()
      const running: Promise<unknown>[] = []
      let store = await openTestStore(directory.path, clock, { spareSeries: 2 })
      const check = async (): Promise<void> => {
        const expected = new Map([...model].map(([name, times]) => [name, [...times]]))
        const found = await store.select(everything, 0, clock.nowMs)
        expect(new Map(found.map(({ labels, timestamps }) => [labels[3]!, [...timestamps]]))).toEqual(
          expected,
        )
        const values = await store.labelValues('s', [], 0, clock.nowMs)
        expect(values).toEqual([...expected.keys()].sort())
      }
      try {
        for (const next of steps) {
          if (next.kind === 'pass') clock.nowMs += next.hours * hour
          else if (next.kind === 'maintain') running.push(store.maintain())
          else if (next.kind === 'query') {
            // Not awaited before: maintenance goes on meanwhile.
            await check()
          } else if (next.kind === 'reopen') {
            await Promise.all(running.splice(0))
            await store[Symbol.asyncDispose]()
            store = await openTestStore(directory.path, clock, { spareSeries: 2 })
          } else {
            clock.nowMs++
            const series = [...new Set(next.series)].map((i) => `s${String(i)}`)
            await write(store, clock, series)
            for (const name of series) model.set(name, [...(model.get(name) ?? []), clock.nowMs])
          }
        }
        await Promise.all(running)
        await check()
        await store.maintain()
        const { headSeries, series } = store.stats()
        expect(series?.known).toBeLessThanOrEqual(2 * headSeries + 2)
      } finally {
        await Promise.all(running)
        await store[Symbol.asyncDispose]()
      }
    }),
    { numRuns: 12 },
  )
}, 60_000)
