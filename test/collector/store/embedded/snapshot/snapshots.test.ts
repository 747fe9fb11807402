import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { EmbeddedStore } from '../../../../../collector/store/embedded/embedded-store.ts'
import { createFailingDisk } from '../failing-disk.ts'
import type { Operation } from '../failing-disk.ts'
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
} from '../test-store.ts'
import type { ManualClock } from '../test-store.ts'

async function fill(store: EmbeddedStore, clock: ManualClock): Promise<void> {
  await appendSamples(store, [
    [metric('m'), windowStart, 1],
    [metric('deleted'), windowStart, 1],
  ])
  clock.nowMs += 3 * hour
  await store.maintain()
  await store.deleteSeries([named('deleted')])
  await appendSamples(store, [[metric('m'), clock.nowMs, 2]])
}

it('a snapshot has what was acknowledged, also after the store went on, and takes no room for blocks', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  await using store = await openTestStore(directory.path, clock)
  await fill(store, clock)
  const { name, path, bytes } = await store.createSnapshot()
  await appendSamples(store, [[metric('m'), clock.nowMs + 1, 3]])
  await store.deleteSeries([everything])
  await store.maintain()
  expect(await store.listSnapshots()).toEqual([{ name, path, bytes, createdMs: clock.nowMs }])
  const [block] = await readdir(join(path, 'blocks'))
  expect((await stat(join(path, 'blocks', block!))).nlink).toBeGreaterThanOrEqual(1)
  await using copy = await openTestStore(path, clock)
  expect(await readOne(copy, everything)).toEqual([
    [windowStart, 1],
    [clock.nowMs, 2],
  ])
  expect(copy.stats().corruptions).toBe(0)
})

it('a snapshot that was deleted is gone, others and unknown names are not touched', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  await using store = await openTestStore(directory.path, clock)
  await fill(store, clock)
  const first = await store.createSnapshot()
  const second = await store.createSnapshot()
  expect(second.name).toBe(`${first.name}-2`)
  await store.deleteSnapshot(first.name)
  for (const name of [first.name, '../log', '..', '']) {
    await expect(store.deleteSnapshot(name)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
  expect((await store.listSnapshots()).map(({ name }) => name)).toEqual([second.name])
  expect(await readOne(store, named('m'))).toHaveLength(2)
})

it.each<Operation>(['makeDirectory', 'link', 'write', 'sync', 'syncDirectory', 'rename'])(
  'a snapshot that fails (%s) leaves nothing behind, and the store goes on',
  async (operation) => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    const disk = createFailingDisk()
    await using store = await openTestStore(directory.path, clock, { disk })
    await fill(store, clock)
    disk.failing.add(operation)
    await expect(store.createSnapshot()).rejects.toMatchObject({ code: 'DISK_FULL' })
    disk.failing.clear()
    expect(await store.listSnapshots()).toEqual([])
    await appendSamples(store, [[metric('m'), clock.nowMs + 1, 3]])
    await store.createSnapshot()
    expect(await store.listSnapshots()).toHaveLength(1)
  },
)

it('what a crash has left of a snapshot is removed at the next start and never listed', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  const half = join(directory.path, 'snapshots', '20240703T104457880Z.tmp')
  await mkdir(half, { recursive: true })
  await writeFile(join(half, 'x'), '')
  await using store = await openTestStore(directory.path, clock)
  expect(await readdir(join(directory.path, 'snapshots'))).toEqual([])
  expect(await store.listSnapshots()).toEqual([])
})

it('what others have put among the snapshots is not listed and hides none of them', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  await using store = await openTestStore(directory.path, clock)
  await appendSamples(store, [[metric('m'), windowStart, 1]])
  const { name } = await store.createSnapshot()
  await mkdir(join(directory.path, 'snapshots', '20240715T080000123Z'))
  await writeFile(join(directory.path, 'snapshots', '20240716T080000123Z'), '')
  expect((await store.listSnapshots()).map((snapshot) => snapshot.name)).toEqual([name])
})
