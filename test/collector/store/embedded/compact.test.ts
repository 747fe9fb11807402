import { copyFile, readFile, writeFile, mkdir, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
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
import type { ManualClock, Sample } from './test-store.ts'

/** One generation: every series gets a sample of its own, and all overwrite the one at the window's start. */
async function addGeneration(store: EmbeddedStore, clock: ManualClock, generation: number): Promise<void> {
  const samples: Sample[] = []
  for (let i = 0; i < 1500; i++) {
    const labels = metric('m', { i: String(i) })
    samples.push([labels, windowStart, generation], [labels, windowStart + 1000 - generation, i])
  }
  samples.push([metric(`only_${String(generation)}`), windowStart, generation])
  await appendSamples(store, samples)
  clock.nowMs += 3 * hour
  await store.maintain()
}

async function names(directory: string): Promise<string[]> {
  return (await readdir(join(directory, 'blocks'))).sort()
}

it('four blocks of one window become one with the same content', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart + hour)
  const one = [...named('m'), { name: 'i', operator: '=', value: '7' } as const]
  const expected = [
    [windowStart, 3],
    [windowStart + 997, 7],
    [windowStart + 998, 7],
    [windowStart + 999, 7],
    [windowStart + 1000, 7],
  ]
  {
    await using store = await openTestStore(directory.path, clock)
    for (let generation = 0; generation < 3; generation++) await addGeneration(store, clock, generation)
    expect(await names(directory.path)).toEqual([0, 1, 2].map((g) => `${windowStart}-${g}-${g}.block`))
    await addGeneration(store, clock, 3)
    expect(await names(directory.path)).toEqual([`${windowStart}-0-3.block`])
    expect(store.stats()).toMatchObject({ blocks: 1, blockSamples: 1500 * 5 + 4 })
    expect(await readOne(store, one)).toEqual(expected)
    await addGeneration(store, clock, 4)
    expect(await names(directory.path)).toEqual([`${windowStart}-0-3.block`, `${windowStart}-4-4.block`])
  }
  await using store = await openTestStore(directory.path, clock)
  expect((await readOne(store, one))[0]).toEqual([windowStart, 4])
  expect(await readOne(store, named('only_2'))).toEqual([[windowStart, 2]])
  expect(store.stats()).toMatchObject({ blocks: 2, corruptions: 0 })
})

it('queries that run while blocks are merged see every series', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart + hour)
  await using store = await openTestStore(directory.path, clock)
  for (let generation = 0; generation < 3; generation++) await addGeneration(store, clock, generation)
  let merging = true
  const merged = addGeneration(store, clock, 3).finally(() => (merging = false))
  const counts = new Set<number>()
  while (merging) {
    const found = await store.select(named('m'), windowStart + 999, windowStart + 1000)
    counts.add(found.reduce((sum, { timestamps }) => sum + timestamps.length, 0))
    const browsed = await store.labelValues('i', [], 0, clock.nowMs)
    expect(browsed).toHaveLength(1500)
  }
  await merged
  expect(store.stats().blocks).toBe(1)
  expect(counts).toEqual(new Set([3000]))
})

it('blocks that a crash left beside the merged one are removed at the next start', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart + hour)
  const old = `${windowStart}-1-1.block`
  {
    await using store = await openTestStore(directory.path, clock)
    for (let generation = 0; generation < 3; generation++) await addGeneration(store, clock, generation)
    await copyFile(join(directory.path, 'blocks', old), join(directory.path, 'kept'))
    await addGeneration(store, clock, 3)
  }
  await copyFile(join(directory.path, 'kept'), join(directory.path, 'blocks', old))
  await using store = await openTestStore(directory.path, clock)
  expect(await names(directory.path)).toEqual([`${windowStart}-0-3.block`])
  expect(await store.select(everything, 0, clock.nowMs)).toHaveLength(1504)
})

it('blocks are not merged across a generation that is still in its log', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart + hour)
  {
    await using store = await openTestStore(directory.path, clock)
    for (let generation = 0; generation < 3; generation++) await addGeneration(store, clock, generation)
    // A folder where its block has to go keeps generation 3 from being sealed.
    await mkdir(join(directory.path, 'blocks', `${windowStart}-3-3.block`))
    await addGeneration(store, clock, 3)
    await addGeneration(store, clock, 4)
    expect(store.stats()).toMatchObject({ blocks: 4, headSeries: 1501 })
  }
  await rmdir(join(directory.path, 'blocks', `${windowStart}-3-3.block`))
  await using store = await openTestStore(directory.path, clock)
  expect(await readOne(store, named('only_3'))).toEqual([[windowStart, 3]])
  await store.maintain()
  expect(await readOne(store, named('only_3'))).toEqual([[windowStart, 3]])
  expect(await names(directory.path)).toEqual([`${windowStart}-0-4.block`])
})

it('a block whose index is damaged is set aside when it is to be merged, and the others are', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart + hour)
  const damagedName = `${windowStart}-1-1.block`
  await using store = await openTestStore(directory.path, clock)
  for (let generation = 0; generation < 3; generation++) await addGeneration(store, clock, generation)
  const path = join(directory.path, 'blocks', damagedName)
  const bytes = await readFile(path)
  // The first byte of the first page of symbols.
  bytes[8]! ^= 1
  await writeFile(path, bytes)
  await addGeneration(store, clock, 3)
  expect(await names(directory.path)).toContain(`${damagedName}.corrupt`)
  await addGeneration(store, clock, 4)
  expect(await names(directory.path)).toEqual([`${windowStart}-0-4.block`, `${damagedName}.corrupt`])
})
