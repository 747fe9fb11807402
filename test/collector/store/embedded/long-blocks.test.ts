import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nodeDisk } from '../../../../collector/store/embedded/disk.ts'
import type { Disk } from '../../../../collector/store/embedded/disk.ts'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import { waitFor } from '../../../../testbed/wait.ts'
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
  readOne,
} from './test-store.ts'
import type { ManualClock, Sample } from './test-store.ts'

const day = 24 * hour
/** Midnight, in the middle of 2024. */
const dayStart = 1_719_964_800_000
const version1 = fileURLToPath(new URL('block/version-1.block', import.meta.url))
/** What `fillDay` and `makeLong` wrote when version 2 was the current one. */
const version2 = fileURLToPath(new URL('block/version-2.block', import.meta.url))

/** A sample of each of three series every half hour of a day; series 2 begins at noon. Sealed window by window. */
async function fillDay(store: EmbeddedStore, clock: ManualClock): Promise<void> {
  for (let at = dayStart; at < dayStart + day; at += 30 * minute) {
    clock.nowMs = at
    const samples: Sample[] = []
    for (let i = 0; i < 3; i++) {
      if (i < 2 || at >= dayStart + 12 * hour) samples.push([series(i), at, valueOf(i, at)])
    }
    await appendSamples(store, samples)
    if (at % hour === 0) await store.maintain()
  }
  clock.nowMs = dayStart + day + 3 * hour
  await store.maintain()
}

/** The next morning: the day is long enough over. */
async function makeLong(store: EmbeddedStore, clock: ManualClock): Promise<void> {
  clock.nowMs = dayStart + day + 7 * hour
  await store.maintain()
}

function series(i: number): ReturnType<typeof metric> {
  return metric('m', { i: String(i) })
}

function valueOf(i: number, at: number): number {
  return (at - dayStart) / minute + i / 4
}

function only(i: number): Parameters<EmbeddedStore['select']>[0] {
  return [...named('m'), { name: 'i', operator: '=', value: String(i) }]
}

function wholeDay(i: number, from = 0): [number, number][] {
  return Array.from({ length: 48 }, (_, k) => dayStart + k * 30 * minute)
    .filter((at) => at >= dayStart + from)
    .map((at) => [at, valueOf(i, at)])
}

async function names(directory: string): Promise<string[]> {
  return (await readdir(join(directory, 'blocks'))).sort()
}

it('the windows of a day become one block six hours after its end, with the same samples', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart)
  {
    await using store = await openTestStore(directory.path, clock)
    await fillDay(store, clock)
    expect(store.stats()).toMatchObject({ blocks: 3, blockSamples: 48 * 2 + 24 })
    clock.nowMs = dayStart + day + 6 * hour - 1
    await store.maintain()
    expect(store.stats().blocks).toBe(3)
    await makeLong(store, clock)
    expect(store.stats()).toMatchObject({ blocks: 1, blockSamples: 48 * 2 + 24, minTimeMs: dayStart })
  }
  await using store = await openTestStore(directory.path, clock)
  expect(await readOne(store, only(0))).toEqual(wholeDay(0))
  expect(await readOne(store, only(2))).toEqual(wholeDay(2, 12 * hour))
  const [from, to] = [dayStart + 5 * hour + 1, dayStart + 13 * hour]
  expect(await readOne(store, only(2), from, to)).toEqual(wholeDay(2).slice(24, 27))
  expect(await store.labelValues('i', [], dayStart, dayStart + hour)).toEqual(['0', '1'])
  expect(await store.labelValues('i', [], 0, clock.nowMs)).toEqual(['0', '1', '2'])
})

it('the windows of eight hours become one block half an hour after their end', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart)
  await using store = await openTestStore(directory.path, clock)
  const samples = wholeDay(0).slice(0, 17)
  for (const [at, value] of samples) {
    clock.nowMs = at
    await appendSamples(store, [[series(0), at, value]])
    await store.maintain()
  }
  clock.nowMs = dayStart + 8.5 * hour - 1
  await store.maintain()
  expect(store.stats().blocks).toBe(4)
  clock.nowMs++
  await store.maintain()
  expect(store.stats().blocks).toBe(1)
  expect(await readOne(store, only(0))).toEqual(samples)
  // A few samples that come late are not worth writing it again.
  await appendSamples(store, [[series(0), dayStart + 3 * hour, -1]])
  clock.nowMs += 3 * hour
  await store.maintain()
  expect(await readOne(store, only(0), dayStart + 3 * hour, dayStart + 3 * hour)).toEqual([
    [dayStart + 3 * hour, -1],
  ])
})

it('late samples win over a long block, beside it and when they have been merged into it', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart)
  await using store = await openTestStore(directory.path, clock)
  await fillDay(store, clock)
  await makeLong(store, clock)
  const expected = wholeDay(0)
  for (const [k, at] of [dayStart, dayStart + 30 * minute, dayStart + 23 * hour].entries()) {
    await appendSamples(store, [[series(0), at, -k - 1]])
    expected.find(([time]) => time === at)![1] = -k - 1
  }
  expect(await readOne(store, only(0))).toEqual(expected)
  clock.nowMs += 3 * hour
  await store.maintain()
  // Two windows of a few bytes are worth rewriting a day of few bytes.
  expect(store.stats()).toMatchObject({ blocks: 1, blockSamples: 48 * 2 + 24 })
  expect(await readOne(store, only(0))).toEqual(expected)
})

it('blocks that a crash left beside the long one that they became are removed at the next start', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart)
  let old: string[] = []
  {
    await using store = await openTestStore(directory.path, clock)
    await fillDay(store, clock)
    old = await names(directory.path)
    expect(old).toHaveLength(3)
    for (const name of old) await copyFile(join(directory.path, 'blocks', name), join(directory.path, name))
    await makeLong(store, clock)
  }
  const long = await names(directory.path)
  for (const name of old) await copyFile(join(directory.path, name), join(directory.path, 'blocks', name))
  await using store = await openTestStore(directory.path, clock)
  expect(await names(directory.path)).toEqual(long)
  expect(await readOne(store, only(1))).toEqual(wholeDay(1))
})

it('series that were deleted are not in the long block', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart)
  await using store = await openTestStore(directory.path, clock)
  await fillDay(store, clock)
  await store.deleteSeries([only(1)])
  await makeLong(store, clock)
  expect(store.stats()).toMatchObject({ blocks: 1, blockSamples: 48 + 24 })
  expect(await store.labelValues('i', [], 0, clock.nowMs)).toEqual(['0', '2'])
})

it('blocks of version 1 become part of a long one', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart)
  await using store = await openTestStore(directory.path, clock)
  await fillDay(store, clock)
  await store[Symbol.asyncDispose]()
  await copyFile(version1, join(directory.path, 'blocks', `${dayStart + 10 * hour}-0-1.block`))
  await using again = await openTestStore(directory.path, clock)
  const before = (await again.select(everything, 0, clock.nowMs)).map(({ values }) => [...values])
  expect(before).toHaveLength(15)
  await makeLong(again, clock)
  expect(again.stats().blocks).toBe(1)
  const after = (await again.select(everything, 0, clock.nowMs)).map(({ values }) => [...values])
  expect(after.sort(byLength)).toEqual(before.sort(byLength))
})

it('a long block of version 2 is read, and late samples are merged into it', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart + day + 7 * hour)
  {
    await using store = await openTestStore(directory.path, clock)
    await store.maintain()
  }
  await copyFile(version2, join(directory.path, 'blocks', `${dayStart}-${day}-1.block`))
  await using store = await openTestStore(directory.path, clock)
  expect(await readOne(store, only(2))).toEqual(wholeDay(2, 12 * hour))
  const [from, to] = [dayStart + 5 * hour + 1, dayStart + 13 * hour]
  expect(await readOne(store, only(0), from, to)).toEqual(wholeDay(0).slice(11, 27))
  const expected = wholeDay(0)
  for (const [k, at] of [dayStart, dayStart + 9 * hour, dayStart + 23 * hour].entries()) {
    await appendSamples(store, [[series(0), at, -k - 1]])
    expected.find(([time]) => time === at)![1] = -k - 1
  }
  clock.nowMs += 3 * hour
  await store.maintain()
  expect(store.stats()).toMatchObject({ blocks: 1, blockSamples: 48 * 2 + 24 })
  expect(await readOne(store, only(0))).toEqual(expected)
})

it('samples of a day that come in any order and again are the last ones written, merged a second time too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(lateSample, { minLength: 1, maxLength: 40 }), async (late) => {
      await using directory = await createTemporaryDirectory()
      const clock = createManualClock(dayStart)
      await using store = await openTestStore(directory.path, clock)
      await fillDay(store, clock)
      await makeLong(store, clock)
      const expected = [0, 1, 2].map((i) => new Map(wholeDay(i, i === 2 ? 12 * hour : 0)))
      for (const [k, [i, at]] of late.entries()) {
        await appendSamples(store, [[series(i), dayStart + at, k]])
        expected[i]!.set(dayStart + at, k)
        if (k % 8 === 7) {
          clock.nowMs += 3 * hour
          await store.maintain()
        }
      }
      clock.nowMs += 3 * hour
      await store.maintain()
      for (const [i, samples] of expected.entries()) {
        const inOrder = [...samples].sort(([a], [b]) => a - b)
        expect(await readOne(store, only(i))).toEqual(inOrder)
        const [from, to] = [dayStart + 7 * hour, dayStart + 17 * hour]
        const inside = inOrder.filter(([at]) => at >= from && at <= to)
        expect(await readOne(store, only(i), from, to)).toEqual(inside)
      }
    }),
    { numRuns: 25 },
  )
})

/** A series, and when since the start of the day, often at the edge of a window. */
const lateSample = fc.tuple(
  fc.integer({ min: 0, max: 2 }),
  fc.oneof(
    fc.integer({ min: 0, max: day - 1 }),
    fc
      .tuple(fc.integer({ min: 1, max: 11 }), fc.integer({ min: -1, max: 1 }))
      .map(([w, by]) => w * 2 * hour + by),
  ),
)

function byLength(a: readonly number[], b: readonly number[]): number {
  return a.length - b.length || a[0]! - b[0]!
}

it('a long block goes when its last sample is too old, and a short retention has none', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart)
  {
    await using store = await openTestStore(directory.path, clock, { retentionMs: 8 * day })
    await fillDay(store, clock)
    await makeLong(store, clock)
    clock.nowMs = dayStart + day - 30 * minute + 8 * day
    await store.maintain()
    expect(store.stats().blocks).toBe(1)
    clock.nowMs++
    await store.maintain()
    expect(store.stats().blocks).toBe(0)
  }
  clock.nowMs = dayStart
  await using store = await openTestStore(directory.path, clock, { retentionMs: 36 * hour })
  await fillDay(store, clock)
  await makeLong(store, clock)
  expect(store.stats().blocks).toBe(12)
})

it('while a day is merged, windows are sealed and deletions go on', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(dayStart)
  const blocked = Promise.withResolvers<undefined>()
  const started = Promise.withResolvers<undefined>()
  const disk: Disk = {
    ...nodeDisk,
    async open(path, flags) {
      if (flags === 'w' && path.includes(`-${day}-`)) {
        started.resolve(undefined)
        await blocked.promise
      }
      return await nodeDisk.open(path, flags)
    },
  }
  await using store = await openTestStore(directory.path, clock, { disk })
  await fillDay(store, clock)
  const merging = makeLong(store, clock)
  await started.promise
  await appendSamples(store, [[series(0), clock.nowMs, 1]])
  clock.nowMs += 3 * hour
  const second = store.maintain()
  await waitFor('the window of this morning is sealed', () => store.stats().headSamples === 0)
  await store.deleteSeries([only(1)])
  blocked.resolve(undefined)
  await Promise.all([merging, second])
  // What had been deleted meanwhile is not brought back: the merge is made again.
  expect(await readOne(store, only(1))).toEqual([])
  await store.maintain()
  expect(store.stats()).toMatchObject({ blocks: 2, blockSamples: 48 + 24 + 1 })
  expect(await readOne(store, only(0))).toEqual([...wholeDay(0), [dayStart + day + 7 * hour, 1]])
})
