import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { copyFile } from '../../../collector/state-backup/copy-file.ts'
import { openStoreFiles } from '../../../collector/state-backup/open-store-files.ts'
import { labelSet } from '../../../common/series/label-set.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  openTestStore,
  windowStart,
} from '../store/embedded/test-store.ts'

const series = labelSet({ __name__: 'a' })
const everything = [{ name: '__name__', operator: '=', value: 'a' }] as const

async function copyOf(store: string, to: string): Promise<void> {
  await using opened = await openStoreFiles(store)
  for (const { path, handle, bytes } of opened.files) {
    mkdirSync(dirname(join(to, path)), { recursive: true })
    expect(await copyFile(handle, bytes, join(to, path))).toBeDefined()
  }
}

test('each copy of a store that is written, sealed and merged meanwhile has all that was acknowledged before it began, once', async () => {
  await using directory = await createTemporaryDirectory()
  const live = join(directory.path, 'live')
  const clock = createManualClock(windowStart)
  await using store = await openTestStore(live, clock, { windowMs: 60_000, slackMs: 1_000 })
  let acknowledged = 0
  let running = true
  const writing = (async () => {
    while (running) {
      // A window for each 12 samples; every fifth comes once more, late, so that blocks are merged.
      const timeMs = windowStart + acknowledged * 5_000
      clock.nowMs = timeMs
      await appendSamples(store, [[series, timeMs, acknowledged]])
      acknowledged++
      if (acknowledged % 5 === 0)
        await appendSamples(store, [[series, timeMs - 120_000, (timeMs - 120_000 - windowStart) / 5_000]])
      if (acknowledged % 20 === 0) await store.maintain()
    }
  })()
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => {
    running = false
    await writing
  })
  for (let copy = 0; copy < 6; copy++) {
    const before = acknowledged
    const target = join(directory.path, String(copy))
    await copyOf(live, target)
    const after = acknowledged + 1
    await using copied = await openTestStore(target, createManualClock(clock.nowMs), { windowMs: 60_000 })
    const [found] = await copied.select(everything, windowStart, Number.MAX_SAFE_INTEGER)
    const values = [...(found?.values ?? [])]
    expect(values).toEqual(values.map((_, i) => i))
    expect(values.length).toBeGreaterThanOrEqual(before)
    expect(values.length).toBeLessThanOrEqual(after)
    expect(copied.stats().corruptions).toBe(0)
  }
  expect(acknowledged).toBeGreaterThan(15)
})
