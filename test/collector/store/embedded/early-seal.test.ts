import { describe, expect, it } from 'vitest'
import { waitFor } from '../../../../testbed/wait.ts'
import { nodeDisk } from '../../../../collector/store/embedded/disk.ts'
import type { Disk } from '../../../../collector/store/embedded/disk.ts'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import { createFailingDisk } from './failing-disk.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  everything,
  hour,
  metric,
  openTestStore,
  windowStart,
} from './test-store.ts'
import type { ManualClock, Sample } from './test-store.ts'

const seriesCount = 500
const maxHeadBytes = 600_000

/** One sample of each series. */
async function writeRound(store: EmbeddedStore, clock: ManualClock): Promise<void> {
  clock.nowMs += 1000
  await appendSamples(
    store,
    Array.from({ length: seriesCount }, (_, i): Sample => [
      metric('m', { i: String(i) }),
      clock.nowMs,
      Math.sin(i),
    ]),
  )
}

/** A disk on which blocks are not written before it is told. */
function createSlowDisk(): { readonly disk: Disk; readonly release: () => void } {
  const gate = Promise.withResolvers<undefined>()
  const disk: Disk = {
    ...nodeDisk,
    async open(path, flags) {
      if (path.includes('.block') && flags === 'w') await gate.promise
      return await nodeDisk.open(path, flags)
    },
  }
  return { disk, release: () => gate.resolve(undefined) }
}

describe('a window that takes too much memory', () => {
  it('becomes a block although it is not over, and its series go on in the next generation', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, { maxHeadBytes })
    const rounds = 120
    for (let round = 0; round < rounds; round++) {
      await writeRound(store, clock)
      expect(store.stats().series!.headBytes).toBeLessThan(maxHeadBytes * 1.2)
    }
    await waitFor('a block', () => store.stats().blocks > 0)
    const found = await store.select(everything, 0, clock.nowMs)
    expect(new Set(found.map(({ timestamps }) => timestamps.length))).toEqual(new Set([rounds]))
    expect(found).toHaveLength(seriesCount)
  })

  it('does not hold up appends while it is written, until the memory for all of them is used', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    const { disk, release } = createSlowDisk()
    await using store = await openTestStore(directory.path, clock, { maxHeadBytes, disk })
    const rounds = 120
    let stored = 0
    let atHalf = 0
    const writing = (async () => {
      while (stored < rounds) {
        await writeRound(store, clock)
        stored++
        if (store.stats().series!.headBytes < maxHeadBytes / 2) atHalf = stored
      }
    })()
    await waitFor('a full memory', () => store.stats().series!.headBytes > maxHeadBytes)
    expect(stored).toBeGreaterThan(atHalf + 5)
    const whenFull = stored
    release()
    await writing
    expect(whenFull).toBeLessThan(rounds)
    const found = await store.select(everything, 0, clock.nowMs)
    expect(new Set(found.map(({ timestamps }) => timestamps.length))).toEqual(new Set([rounds]))
  })
})

it('where no block can be written, appends are refused when the memory is used up, and go on when it can', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  clock.monotonic = () => clock.nowMs
  const disk = createFailingDisk('EACCES')
  disk.path = /\.block/
  disk.failing.add('open')
  await using store = await openTestStore(directory.path, clock, { maxHeadBytes, disk })
  let refusal: unknown
  for (let round = 0; round < 300 && refusal === undefined; round++) {
    refusal = await writeRound(store, clock).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(store.stats().series!.headBytes).toBeLessThan(maxHeadBytes * 1.2)
  }
  expect(refusal).toMatchObject({ code: 'DISK_FULL' })
  expect(await store.select(everything, 0, clock.nowMs)).toHaveLength(seriesCount)
  disk.failing.clear()
  clock.nowMs += 30_000
  await writeRound(store, clock)
  expect(store.stats().blocks).toBe(1)
})

describe('windows that a sender has filled after an outage', () => {
  const seriesInBurst = 3_000
  // Tails have room for 64 from the 33rd sample on.
  const samplesOfEach = 34

  /** Fills one window after the other, all of them over, as fast as they come. */
  async function writeBurst(store: EmbeddedStore, windows: number): Promise<void> {
    const labels = Array.from({ length: seriesInBurst }, (_, i) => metric('m', { i: String(i) }))
    for (let i = 0; i < windows * samplesOfEach; i++) {
      const time = windowStart + Math.floor(i / samplesOfEach) * 2 * hour + (i % samplesOfEach) * 1000
      await appendSamples(
        store,
        labels.map((one, n): Sample => [one, time, Math.sin(n)]),
      )
    }
  }

  it('are sealed once they are quiet, until the rest is small', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart + 20 * hour)
    await using store = await openTestStore(directory.path, clock)
    await writeBurst(store, 4)
    await store.maintain()
    expect(store.stats()).toMatchObject({ blocks: 0 })
    const filled = store.stats().series!.headBytes
    clock.nowMs += 5_000
    await store.maintain()
    const { blocks, series } = store.stats()
    expect(blocks).toBeGreaterThan(0)
    expect(blocks).toBeLessThan(4)
    expect(series!.headBytes).toBeLessThan(Math.min(filled, 8 << 20))
    await store.maintain()
    expect(store.stats().blocks).toBe(blocks)
  })

  it('keep taking samples for as long as these come', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart + 20 * hour)
    await using store = await openTestStore(directory.path, clock)
    await writeBurst(store, 4)
    for (let i = 0; i < 4; i++) {
      clock.nowMs += 4_000
      await appendSamples(
        store,
        [0, 2, 4, 6].map((hours): Sample => [metric('m', { i: '0' }), windowStart + hours * hour + i, 1]),
      )
    }
    await store.maintain()
    expect(store.stats().blocks).toBe(0)
  })
})
