import { describe, expect, it } from 'vitest'
import type { Log } from '../../../../common/log.ts'
import { silentLog } from '../../../../common/log.ts'
import {
  createManualClock,
  createTemporaryDirectory,
  everything,
  hour,
  metric,
  openTestStore,
  windowStart,
} from './test-store.ts'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import type { ManualClock } from './test-store.ts'

/** Writes now what the limits let in; says how many series were refused. */
async function write(store: EmbeddedStore, clock: ManualClock, ids: readonly number[]): Promise<number> {
  const refs = ids.map((id) => store.seriesRef(metric('m', { ins: 'a', pid: String(id) })))
  const stored = refs.filter((ref) => ref >= 0)
  const times = new Float64Array(stored.length).fill(clock.nowMs)
  await store.append(
    Uint32Array.from(stored),
    times,
    new Float64Array(stored.length),
    stored.length,
    store.refGeneration,
  )
  return refs.length - stored.length
}

const ids = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

interface LogLine {
  readonly exploding: unknown
  readonly refused: unknown
}

function createLogBook(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const log: Log = {
    ...silentLog,
    warn: (line: unknown) => void lines.push(line as LogLine),
    child: () => log,
  }
  return { log, lines }
}

describe('with a limit of series', () => {
  it('new ones beyond it are refused and counted, known ones go on', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, { maxSeries: 10 })
    expect(await write(store, clock, ids(0, 12))).toBe(2)
    clock.nowMs += 10_000
    expect(await write(store, clock, ids(0, 12))).toBe(2)
    expect(store.stats().series?.refused).toEqual({ max_series: 4, max_new_series_per_hour: 0 })
    const found = await store.select(everything, 0, clock.nowMs)
    expect(found.map(({ timestamps }) => timestamps.length)).toEqual(Array<number>(10).fill(2))
  })

  it('series that were given a reference count before their first sample is stored', async () => {
    await using directory = await createTemporaryDirectory()
    await using store = await openTestStore(directory.path, createManualClock(windowStart), { maxSeries: 2 })
    const refs = [1, 2, 3, 1].map((i) => store.seriesRef(metric('m', { i: String(i) })))
    expect(refs).toEqual([0, 1, -1, 0])
  })

  it('there is room again when windows are sealed, and senders are told to ask again', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, { maxSeries: 10 })
    await write(store, clock, ids(0, 12))
    const generation = store.refGeneration
    await store.maintain()
    expect(store.refGeneration).toBe(generation)
    clock.nowMs += 3 * hour
    await store.maintain()
    expect(store.refGeneration).toBeGreaterThan(generation)
    expect(await write(store, clock, ids(10, 22))).toBe(2)
  })

  it('series whose samples were all out of bounds do not count for ever', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, { maxSeries: 10 })
    const late = createManualClock(windowStart - 1000 * 24 * hour)
    await write(store, late, ids(0, 10))
    expect(await write(store, clock, ids(10, 11))).toBe(1)
    await store.maintain()
    expect(await write(store, clock, ids(10, 20))).toBe(0)
  })

  it('after a restart the series of the log count', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    {
      await using store = await openTestStore(directory.path, clock, { maxSeries: 10 })
      await write(store, clock, ids(0, 8))
    }
    await using store = await openTestStore(directory.path, clock, { maxSeries: 10 })
    expect(await write(store, clock, ids(0, 15))).toBe(5)
  })
})

it('with a limit of new series per hour, further ones wait for the next full hour', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  await using store = await openTestStore(directory.path, clock, { maxNewSeriesPerHour: 5 })
  expect(await write(store, clock, ids(0, 8))).toBe(3)
  clock.nowMs += hour - 1
  expect(await write(store, clock, ids(0, 8))).toBe(3)
  const generation = store.refGeneration
  clock.nowMs += 1
  await store.maintain()
  expect(store.refGeneration).toBeGreaterThan(generation)
  expect(await write(store, clock, ids(0, 8))).toBe(0)
  expect(store.stats().series?.refused['max_new_series_per_hour']).toBe(6)
})

it('the log names the label that exploded, once a minute, and so do the statistics', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  const { log, lines } = createLogBook()
  await using store = await openTestStore(directory.path, clock, { maxSeries: 100, log })
  for (let i = 0; i < 20; i++) store.seriesRef(metric(`other_${String(i)}`, { ins: String(i) }))
  await write(store, clock, ids(0, 100))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({
    limit: 'max_series',
    exploding: { label: 'pid', metric: 'm', values: 80, series: 80, example: '79' },
    refused: metric('m', { ins: 'a', pid: '80' }),
  })
  expect(store.stats().series?.exploding).toMatchObject({ label: 'pid', metric: 'm', values: 80 })
})
