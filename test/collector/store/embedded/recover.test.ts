import { copyFile, readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyStore } from '../../../../collector/store-tool/verify.ts'
import { storePaths } from '../../../../collector/store/embedded/files.ts'
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

async function onlyFile(directory: string, folder: string, suffix: string): Promise<string> {
  const names = (await readdir(join(directory, folder))).filter((name) => name.endsWith(suffix))
  expect(names).toHaveLength(1)
  return join(directory, folder, names[0]!)
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x40
  await writeFile(path, bytes)
}

async function fill(directory: string, clock: ManualClock, batches: number): Promise<void> {
  await using store = await openTestStore(directory, clock)
  for (let i = 0; i < batches; i++) {
    const series = i % 2 === 0 ? metric('even') : metric('odd')
    await appendSamples(store, [[series, windowStart + i * 1000, i]])
  }
}

/** 3,000 series with incompressible values, so that the block has several pages. */
async function fillBlock(directory: string, clock: ManualClock): Promise<number> {
  await using store = await openTestStore(directory, clock)
  const series = Array.from({ length: 3000 }, (_, i) => metric('m', { i: String(i) }))
  for (let batch = 0; batch < 4; batch++) {
    await appendSamples(
      store,
      series.map((labels, i): Sample => [labels, windowStart + batch * 1000, Math.sin(i * 7 + batch)]),
    )
  }
  clock.nowMs += 3 * hour
  await store.maintain()
  return store.stats().blockSamples
}

describe('a log', () => {
  it('with a torn end is served up to the last whole record and can be appended to', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fill(directory.path, clock, 10)
    const log = await onlyFile(directory.path, 'log', '.log')
    await truncate(log, (await readFile(log)).length - 3)
    {
      await using store = await openTestStore(directory.path, clock)
      expect(await readOne(store, named('odd'))).toHaveLength(4)
      await appendSamples(store, [[metric('odd'), windowStart + 20_000, 20]])
      expect(store.stats().corruptions).toBe(0)
    }
    await using store = await openTestStore(directory.path, clock)
    expect((await readOne(store, named('odd'))).map(([, value]) => value)).toEqual([1, 3, 5, 7, 20])
    expect(await readOne(store, named('even'))).toHaveLength(5)
  })

  it('with a torn end longer than the next append has no trace of it afterwards', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    // Of two series in turn: what is left of this record must not look like zeros.
    const many = Array.from({ length: 500 }, (_, i): Sample => [
      metric('many', { i: String(i % 2) }),
      windowStart + i,
      i / 3,
    ])
    await fill(directory.path, clock, 2)
    {
      await using store = await openTestStore(directory.path, clock)
      await appendSamples(store, many)
    }
    const log = await onlyFile(directory.path, 'log', '.log')
    await truncate(log, (await readFile(log)).length - 3)
    {
      await using store = await openTestStore(directory.path, clock)
      await appendSamples(store, [[metric('odd'), windowStart + 3000, 3]])
    }
    await using store = await openTestStore(directory.path, clock)
    expect(await store.select(named('many'), 0, clock.nowMs + hour)).toEqual([])
    expect((await readOne(store, named('odd'))).map(([, value]) => value)).toEqual([1, 3])
    expect(store.stats().corruptions).toBe(0)
  })

  it('with a damaged record serves the others, is kept aside when sealed, and takes no more', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fill(directory.path, clock, 10)
    const log = await onlyFile(directory.path, 'log', '.log')
    await flip(log, -1)
    await using store = await openTestStore(directory.path, clock)
    expect(store.stats().corruptions).toBe(1)
    await appendSamples(store, [[metric('odd'), windowStart + 10_000, 10]])
    await store.maintain()
    expect(store.stats().blocks).toBe(1)
    expect((await readOne(store, named('odd'))).map(([, value]) => value)).toEqual([1, 3, 5, 7, 10])
    await onlyFile(directory.path, 'log', '.log.corrupt')
  })

  it('whose first record is damaged is still served', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fill(directory.path, clock, 10)
    await flip(await onlyFile(directory.path, 'log', '.log'), 8 + 16)
    await using store = await openTestStore(directory.path, clock)
    expect(await readOne(store, named('odd'))).toHaveLength(5)
    expect(store.stats().corruptions).toBe(1)
  })

  it('of an unknown version is set aside', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fill(directory.path, clock, 2)
    await flip(await onlyFile(directory.path, 'log', '.log'), 6)
    await using store = await openTestStore(directory.path, clock)
    expect(store.stats()).toMatchObject({ corruptions: 1, headSamples: 0 })
    await onlyFile(directory.path, 'log', '.log.corrupt')
  })

  it('that outlived its block by a crash is removed', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fill(directory.path, clock, 10)
    const log = await onlyFile(directory.path, 'log', '.log')
    await copyFile(log, join(directory.path, 'copy'))
    clock.nowMs += 3 * hour
    {
      await using store = await openTestStore(directory.path, clock)
      await store.maintain()
    }
    await copyFile(join(directory.path, 'copy'), log)
    await using store = await openTestStore(directory.path, clock)
    expect(store.stats()).toMatchObject({ blocks: 1, headSamples: 0 })
    expect(await readdir(join(directory.path, 'log'))).toEqual([])
  })
})

describe('a block', () => {
  it('without its end is set aside and the rest is served', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fillBlock(directory.path, clock)
    const block = await onlyFile(directory.path, 'blocks', '.block')
    await truncate(block, (await readFile(block)).length - 1)
    await using store = await openTestStore(directory.path, clock)
    await appendSamples(store, [[metric('alive'), clock.nowMs, 1]])
    expect(await store.select(everything, 0, clock.nowMs)).toHaveLength(1)
    expect(store.stats()).toMatchObject({ corruptions: 1, blocks: 0 })
    await onlyFile(directory.path, 'blocks', '.block.corrupt')
  })

  it('with a damaged index is set aside by the first query', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fillBlock(directory.path, clock)
    // Before the footer and the list of windows is the root of the index.
    await flip(await onlyFile(directory.path, 'blocks', '.block'), -130)
    await using store = await openTestStore(directory.path, clock)
    expect(await store.select(everything, 0, clock.nowMs)).toEqual([])
    expect(store.stats()).toMatchObject({ corruptions: 1, blocks: 0 })
    await onlyFile(directory.path, 'blocks', '.block.corrupt')
  })

  it('with a damaged page serves all other pages, and counts it once', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    const samples = await fillBlock(directory.path, clock)
    const block = await onlyFile(directory.path, 'blocks', '.block')
    await flip(block, Math.floor((await readFile(block)).length / 2))
    await using store = await openTestStore(directory.path, clock)
    for (const attempt of [1, 2]) {
      const found = await store.select(named('m'), 0, clock.nowMs)
      const served = found.reduce((sum, { timestamps }) => sum + timestamps.length, 0)
      expect([attempt, served > samples / 2, served < samples]).toEqual([attempt, true, true])
    }
    expect(store.stats()).toMatchObject({ corruptions: 1, blocks: 1 })
  })

  it('half-written before a crash is removed, its log has everything', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fill(directory.path, clock, 10)
    const leftover = join(directory.path, 'blocks', `${windowStart}-0-0.block.tmp`)
    await writeFile(leftover, 'half')
    await using store = await openTestStore(directory.path, clock)
    expect(store.stats()).toMatchObject({ headSamples: 10, corruptions: 0 })
    expect(await readdir(join(directory.path, 'blocks'))).toEqual([])
  })
})

it('a log or block under the name of another one is set aside', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  {
    await using store = await openTestStore(directory.path, clock)
    await appendSamples(store, [[metric('sealed'), windowStart, 1]])
    clock.nowMs += 3 * hour
    await store.maintain()
    await appendSamples(store, [[metric('open'), clock.nowMs, 2]])
  }
  const foreign = windowStart - 20 * hour
  const copy = (folder: string, name: string): Promise<void> =>
    readdir(join(directory.path, folder)).then(([only]) =>
      copyFile(join(directory.path, folder, only!), join(directory.path, folder, name)),
    )
  await copy('log', `${foreign}-0.log`)
  await copy('blocks', `${foreign}-0-0.block`)
  const lines: string[] = []
  await verifyStore(storePaths(directory.path), (line) => lines.push(line))
  await using store = await openTestStore(directory.path, clock)
  expect(store.stats()).toMatchObject({ blocks: 1, headSamples: 1, corruptions: 2 })
  expect(await readdir(join(directory.path, 'log'))).toContain(`${foreign}-0.log.corrupt`)
  expect(lines.filter((line) => line.includes('its name is not the one'))).toHaveLength(2)
})
