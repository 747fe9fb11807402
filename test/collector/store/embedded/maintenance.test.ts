import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  hour,
  metric,
  minute,
  named,
  openTestStore,
  readOne,
  windowStart,
} from './test-store.ts'
import type { ManualClock } from './test-store.ts'

async function fillWindows(store: EmbeddedStore, clock: ManualClock, windows: number): Promise<void> {
  for (let window = 0; window < windows; window++) {
    await appendSamples(store, [[metric('m'), clock.nowMs, window]])
    clock.nowMs += 2 * hour
    await store.maintain()
  }
}

async function files(directory: string): Promise<string[]> {
  return [...(await readdir(join(directory, 'log'))), ...(await readdir(join(directory, 'blocks')))].sort()
}

describe('a window', () => {
  it('is sealed when it is over by the slack, and not before', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    await appendSamples(store, [[metric('m'), windowStart, 1]])
    clock.nowMs = windowStart + 2 * hour + 15 * minute - 1
    await store.maintain()
    expect(await files(directory.path)).toEqual([`${windowStart}-0.log`])
    clock.nowMs += 1
    await store.maintain()
    expect(await files(directory.path)).toEqual([`${windowStart}-0-0.block`])
  })

  it('that still gets late samples stays open, but not for ever', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart + 10 * hour)
    await using store = await openTestStore(directory.path, clock)
    for (let i = 0; i < 13; i++) {
      await appendSamples(store, [[metric('m'), windowStart + i, i]])
      await store.maintain()
      expect([i, store.stats().blocks]).toEqual([i, 0])
      clock.nowMs += 10 * minute
    }
    clock.nowMs += 5 * minute
    await appendSamples(store, [[metric('m'), windowStart + 100, 100]])
    await store.maintain()
    expect(store.stats()).toMatchObject({ blocks: 1, headSamples: 0 })
  })
})

describe('retention', () => {
  it('removes a block when its last sample is too old', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, { retentionMs: 20 * hour })
    await fillWindows(store, clock, 4)
    clock.nowMs = windowStart + 20 * hour
    await store.maintain()
    expect((await readOne(store, named('m'))).map(([, value]) => value)).toEqual([0, 1, 2, 3])
    clock.nowMs += 1
    await store.maintain()
    expect((await readOne(store, named('m'))).map(([, value]) => value)).toEqual([1, 2, 3])
    expect(store.stats().minTimeMs).toBe(windowStart + 2 * hour)
  })

  it('removes what was set aside after the same time', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock, { retentionMs: 6 * hour })
    const evidence = `${windowStart}-0-0.block.corrupt`
    await writeFile(join(directory.path, 'blocks', evidence), 'unreadable')
    clock.nowMs = windowStart + 8 * hour - 1
    await store.maintain()
    expect(await files(directory.path)).toEqual([evidence])
    clock.nowMs += 1
    await store.maintain()
    expect(await files(directory.path)).toEqual([])
  })

  it('by bytes removes the oldest blocks first and only as many as needed', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    let blockBytes = 0
    // Too short for blocks of several windows.
    const retentionMs = 36 * hour
    {
      await using store = await openTestStore(directory.path, clock, { retentionMs })
      await fillWindows(store, clock, 6)
      clock.nowMs += 2 * hour
      await store.maintain()
      expect(store.stats().blocks).toBe(6)
      blockBytes = store.stats().blockBytes
    }
    const maxBytes = Math.floor((blockBytes * 4) / 6) + 20
    await using store = await openTestStore(directory.path, clock, { maxBytes, retentionMs })
    await store.maintain()
    expect((await readOne(store, named('m'))).map(([, value]) => value)).toEqual([2, 3, 4, 5])
    expect(store.stats().blockBytes).toBeLessThanOrEqual(maxBytes)
  })
})
