import { describe, expect, it } from 'vitest'
import { labelKey } from '../../../../../common/series/label-set.ts'
import type { EmbeddedStore } from '../../../../../collector/store/embedded/embedded-store.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  everything,
  hour,
  metric,
  minute,
  named,
  openTestStore,
  windowStart,
} from '../test-store.ts'
import type { ManualClock, Sample } from '../test-store.ts'

const series = Array.from({ length: 60 }, (_, i) => metric(`m${i % 3}`, { i: String(i) }))

/** Two days in blocks, with late samples, and an open window. */
async function fill(store: EmbeddedStore, clock: ManualClock): Promise<void> {
  for (let round = 0; round < 24; round++) {
    const at = windowStart + round * 2 * hour
    clock.nowMs = at + hour
    const samples = series.flatMap((labels, i): Sample[] => [
      [labels, at + i, round],
      [labels, at + minute + i, -round],
      [labels, Math.max(windowStart, at - 5 * hour) + i, 1000 + round],
    ])
    await appendSamples(store, samples)
    await store.maintain()
  }
}

async function collect(
  pieces: AsyncIterable<{ labels: readonly string[]; timestamps: Float64Array; values: Float64Array }>,
) {
  const found = new Map<string, [number, number][]>()
  let last = ''
  for await (const { labels, timestamps, values } of pieces) {
    const key = labelKey(labels)
    if (key !== last && found.has(key)) throw new Error(`${key} comes in pieces that are apart`)
    last = key
    const mine = found.get(key) ?? []
    found.set(key, mine)
    for (const [i, at] of timestamps.entries()) mine.push([at, values[i]!])
  }
  return found
}

async function selected(store: EmbeddedStore, name: string | undefined, fromMs: number, toMs: number) {
  const found = await store.select(name === undefined ? everything : named(name), fromMs, toMs)
  return new Map(
    found.map(({ labels, timestamps, values }) => [
      labelKey(labels),
      Array.from(timestamps, (at, i): [number, number] => [at, values[i]!]),
    ]),
  )
}

describe('exportSeries', () => {
  it('gives what select gives, series by series', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    await fill(store, clock)
    const [from, to] = [windowStart + 7 * hour + 3, windowStart + 40 * hour]
    expect(await collect(store.exportSeries([], 0, clock.nowMs))).toEqual(
      await selected(store, undefined, 0, clock.nowMs),
    )
    expect(await collect(store.exportSeries([named('m1'), named('m1')], from, to))).toEqual(
      await selected(store, 'm1', from, to),
    )
  })

  it('goes on when blocks are merged and series deleted meanwhile, each series once', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    await fill(store, clock)
    const expected = await selected(store, 'm2', 0, clock.nowMs)
    const changing = (async function* () {
      let count = 0
      for await (const piece of store.exportSeries([], 0, clock.nowMs)) {
        if (count++ === 5) {
          await store.deleteSeries([named('m0')])
          clock.nowMs += 5 * 24 * hour
          await store.maintain()
        }
        yield piece
      }
    })()
    const found = await collect(changing)
    expect(new Map([...found].filter(([key]) => key.includes('m2')))).toEqual(expected)
  })

  it('ends when it is cancelled', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    await fill(store, clock)
    const stop = new AbortController()
    let count = 0
    const reading = async (): Promise<void> => {
      for await (const { timestamps } of store.exportSeries([], 0, clock.nowMs, stop.signal)) {
        count += timestamps.length > 0 ? 1 : 0
        stop.abort()
      }
    }
    await expect(reading()).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(count).toBeLessThan(series.length)
  })
})
