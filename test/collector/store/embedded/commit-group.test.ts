import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFailingDisk } from './failing-disk.ts'
import type { Operation } from './failing-disk.ts'
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

describe('when the disk is full', () => {
  it.each<Operation[]>([
    ['write'],
    ['datasync'],
    ['open', 'write'],
    ['write', 'truncate'],
    ['datasync', 'truncate'],
  ])(
    'at %s %s nothing is acknowledged or visible, reads go on, and the next append works',
    async (...operations) => {
      await using directory = await createTemporaryDirectory()
      const clock = createManualClock(windowStart)
      const disk = createFailingDisk()
      {
        await using store = await openTestStore(directory.path, clock, { disk })
        await appendSamples(store, [[metric('a'), windowStart, 1]])
        for (const operation of operations) disk.failing.add(operation)
        // Of a new and of a known series, in an open and in a new window.
        const refused = appendSamples(store, [
          [metric('a'), windowStart + 1, 2],
          [metric('b'), windowStart + 1, 3],
          [metric('a'), windowStart - hour, 4],
        ])
        await expect(refused).rejects.toMatchObject({ code: 'DISK_FULL', retry: true, status: 503 })
        expect(await readOne(store, everything)).toEqual([[windowStart, 1]])
        disk.failing.clear()
        await appendSamples(store, [
          [metric('b'), windowStart + 2, 5],
          [metric('a'), windowStart + 2, 6],
        ])
        expect(await readOne(store, named('b'))).toEqual([[windowStart + 2, 5]])
      }
      await using store = await openTestStore(directory.path, clock)
      const a = await readOne(store, named('a'))
      expect(a).toContainEqual([windowStart, 1])
      expect(a).toContainEqual([windowStart + 2, 6])
      expect(await readOne(store, named('b'))).toContainEqual([windowStart + 2, 5])
      expect(store.stats().corruptions).toBe(0)
      // What was refused may come back only where its bytes could not be cut off.
      if (!operations.includes('truncate')) expect(a).toHaveLength(2)
    },
  )

  it('a window that cannot be sealed stays readable and is sealed later', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    await appendSamples(store, [[metric('a'), windowStart, 1]])
    clock.nowMs += 3 * hour
    // A folder with a file in it stands where the block has to go.
    const obstacle = join(directory.path, 'blocks', `${windowStart}-0-0.block`)
    await mkdir(obstacle)
    await writeFile(join(directory.path, 'outside'), '')
    await store.maintain()
    expect(store.stats()).toMatchObject({ blocks: 0, headSamples: 1 })
    expect(await readOne(store, named('a'))).toEqual([[windowStart, 1]])
    expect(await readdir(join(directory.path, 'blocks'))).toEqual([`${windowStart}-0-0.block`])
    await rmdir(obstacle)
    await store.maintain()
    expect(store.stats()).toMatchObject({ blocks: 1, headSamples: 0 })
    expect(await readOne(store, named('a'))).toEqual([[windowStart, 1]])
  })
})

it('appends that arrive together share one write and one sync', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  const disk = createFailingDisk()
  await using store = await openTestStore(directory.path, clock, { disk })
  const opening = disk.calls.length
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      appendSamples(store, [[metric('a'), windowStart + (i >> 1), i >> 2]]),
    ),
  )
  const calls = disk.calls.slice(opening).filter((call) => call === 'write' || call === 'datasync')
  expect(calls).toEqual(['write', 'datasync'])
  const stored = results.reduce((sum, result) => sum + result.stored, 0)
  expect([stored, results.length]).toEqual([50, 100])
  expect(results[1]).toEqual({ stored: 0, duplicate: 1, outOfBounds: 0 })
})
