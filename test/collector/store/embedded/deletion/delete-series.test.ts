import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFailingDisk } from '../failing-disk.ts'
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
  windowStart,
} from '../test-store.ts'
import type { ManualClock, TemporaryDirectory } from '../test-store.ts'

interface Place extends AsyncDisposable {
  readonly directory: TemporaryDirectory
  readonly clock: ManualClock
  tombstones(): Promise<string[]>
}

async function createPlace(): Promise<Place> {
  const directory = await createTemporaryDirectory()
  return {
    directory,
    clock: createManualClock(windowStart + hour),
    tombstones: () => readdir(join(directory.path, 'tombstones')),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
}

const at = windowStart + minute

describe('deleteSeries', () => {
  it('hides matching series of open windows and of blocks at once, also from label queries, and counts them', async () => {
    await using place = await createPlace()
    await using store = await openTestStore(place.directory.path, place.clock)
    await appendSamples(store, [
      [metric('gone', { a: '1' }), at, 1],
      [metric('gone', { a: '2' }), at, 2],
      [metric('kept', { b: '3' }), at, 3],
    ])
    place.clock.nowMs += 3 * hour
    await store.maintain()
    await appendSamples(store, [
      [metric('gone', { a: '2' }), at + 3 * hour, 4],
      [metric('kept', { b: '3' }), at + 3 * hour, 5],
    ])
    expect(store.stats().blocks).toBe(1)
    expect(await store.deleteSeries([named('gone'), named('never')])).toBe(2)
    expect(await store.select(named('gone'), 0, place.clock.nowMs)).toEqual([])
    expect(await readOne(store, everything)).toEqual([
      [at, 3],
      [at + 3 * hour, 5],
    ])
    expect(await store.series([], 0, place.clock.nowMs)).toEqual([metric('kept', { b: '3' })])
    expect(await store.labelNames([], 0, place.clock.nowMs)).toEqual(['__name__', 'b'])
    expect(await store.labelValues('__name__', [], 0, place.clock.nowMs)).toEqual(['kept'])
  })

  it('keeps what is written afterwards, also with old timestamps, and after the store was opened again', async () => {
    await using place = await createPlace()
    const expected = [
      [at, 10],
      [at + 2, 12],
      [at + 3, 13],
    ]
    {
      await using store = await openTestStore(place.directory.path, place.clock)
      await appendSamples(store, [
        [metric('m'), at, 1],
        [metric('m'), at + 1, 2],
      ])
      await store.deleteSeries([named('m')])
      await appendSamples(store, [
        [metric('m'), at, 10],
        [metric('m'), at + 2, 12],
      ])
    }
    {
      await using store = await openTestStore(place.directory.path, place.clock)
      await appendSamples(store, [[metric('m'), at + 3, 13]])
      expect(await readOne(store, named('m'))).toEqual(expected)
    }
    await using store = await openTestStore(place.directory.path, place.clock)
    expect(await readOne(store, named('m'))).toEqual(expected)
  })

  it('keeps what is written first after the store was opened again, into the window of the deletion', async () => {
    await using place = await createPlace()
    {
      await using store = await openTestStore(place.directory.path, place.clock)
      await appendSamples(store, [[metric('m'), at, 1]])
      await store.deleteSeries([named('m')])
    }
    {
      await using store = await openTestStore(place.directory.path, place.clock)
      expect(await readOne(store, named('m'))).toEqual([])
      await appendSamples(store, [[metric('m'), at, 2]])
    }
    await using store = await openTestStore(place.directory.path, place.clock)
    expect(await readOne(store, named('m'))).toEqual([[at, 2]])
  })

  it('leaves deleted samples out when windows are sealed and blocks merged, and then needs no tombstone', async () => {
    await using place = await createPlace()
    await using store = await openTestStore(place.directory.path, place.clock)
    for (let generation = 0; generation < 4; generation++) {
      await appendSamples(store, [
        [metric('gone'), at + generation, generation],
        [metric('kept'), at + generation, generation],
      ])
      if (generation === 2) expect(await store.deleteSeries([named('gone')])).toBe(1)
      place.clock.nowMs += 3 * hour
      await store.maintain()
    }
    expect(store.stats()).toMatchObject({ blocks: 1, blockSamples: 5 })
    expect(await readOne(store, named('gone'))).toEqual([[at + 3, 3]])
    expect(await readOne(store, named('kept'))).toHaveLength(4)
    expect(await place.tombstones()).toEqual([])
  })

  it('of all that a window and a block have leaves no file of them', async () => {
    await using place = await createPlace()
    await using store = await openTestStore(place.directory.path, place.clock)
    await appendSamples(store, [[metric('gone'), at, 1]])
    await store.deleteSeries([everything])
    await store.maintain()
    expect(store.stats()).toMatchObject({ blocks: 0, headSamples: 0, corruptions: 0 })
    expect(await readdir(join(place.directory.path, 'log'))).toEqual([])
    expect(await place.tombstones()).toEqual([])
    await appendSamples(store, [[metric('gone'), at, 2]])
    expect(await readOne(store, everything)).toEqual([[at, 2]])
  })

  it('of what is deleted already, or was never there, writes nothing', async () => {
    await using place = await createPlace()
    await using store = await openTestStore(place.directory.path, place.clock)
    await appendSamples(store, [[metric('m'), at, 1]])
    expect(await store.deleteSeries([named('m')])).toBe(1)
    expect(await store.deleteSeries([named('m')])).toBe(0)
    expect(await store.deleteSeries([])).toBe(0)
    expect(await place.tombstones()).toEqual(['1.tombstone'])
  })

  it('on a full disk deletes nothing and says so', async () => {
    await using place = await createPlace()
    const disk = createFailingDisk()
    await using store = await openTestStore(place.directory.path, place.clock, { disk })
    await appendSamples(store, [[metric('m'), at, 1]])
    for (const operation of ['write', 'sync', 'rename', 'syncDirectory'] as const) {
      disk.failing.add(operation)
      await expect(store.deleteSeries([named('m')])).rejects.toMatchObject({ code: 'DISK_FULL' })
      disk.failing.clear()
      expect([operation, await readOne(store, named('m'))]).toEqual([operation, [[at, 1]]])
      expect([operation, await place.tombstones()]).toEqual([operation, []])
    }
    expect(await store.deleteSeries([named('m')])).toBe(1)
  })

  it('while samples arrive loses none that is acknowledged after it', async () => {
    await using place = await createPlace()
    await using store = await openTestStore(place.directory.path, place.clock)
    let next = 0
    const acknowledged: number[] = []
    let running = true
    const writing = (async () => {
      while (running) {
        const value = next++
        await appendSamples(store, [[metric('m'), at + value, value]])
        acknowledged.push(value)
      }
    })()
    for (let round = 0; round < 5; round++) {
      await store.deleteSeries([named('m')])
      const first = next
      await appendSamples(store, [[metric('other'), at + round, 1]])
      if (round % 2 === 1) await store.maintain()
      const found = new Set((await readOne(store, named('m'))).map(([, value]) => value))
      expect(acknowledged.filter((value) => value >= first && !found.has(value))).toEqual([])
    }
    running = false
    await writing
    const last = (await readOne(store, named('m'))).at(-1)
    expect(last).toEqual([at + next - 1, next - 1])
  })
})

describe('a store with a tombstone', () => {
  it('that is missing serves what it hid, and everything else', async () => {
    await using place = await createPlace()
    {
      await using store = await openTestStore(place.directory.path, place.clock)
      await appendSamples(store, [[metric('m'), at, 1]])
      await store.deleteSeries([named('m')])
    }
    await rm(join(place.directory.path, 'tombstones'), { recursive: true })
    await using store = await openTestStore(place.directory.path, place.clock)
    expect(await readOne(store, named('m'))).toEqual([[at, 1]])
    expect(store.stats().corruptions).toBe(0)
  })
})
