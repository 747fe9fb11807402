import { describe, expect, it } from 'vitest'
import { waitFor } from '../../../../testbed/wait.ts'
import { nodeDisk } from '../../../../collector/store/embedded/disk.ts'
import type { Disk } from '../../../../collector/store/embedded/disk.ts'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  everything,
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
