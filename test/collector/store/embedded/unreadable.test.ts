import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { Log } from '../../../../common/log.ts'
import { createFailingDisk } from './failing-disk.ts'
import type { Operation } from './failing-disk.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  hour,
  metric,
  named,
  openTestStore,
  readOne,
  windowStart,
} from './test-store.ts'
import type { ManualClock } from './test-store.ts'

/** A block, a deletion and a log. */
async function fill(directory: string, clock: ManualClock): Promise<void> {
  await using store = await openTestStore(directory, clock)
  await appendSamples(store, [
    [metric('block'), windowStart, 1],
    [metric('deleted'), windowStart, 1],
  ])
  clock.nowMs += 3 * hour
  await store.maintain()
  await store.deleteSeries([named('deleted')])
  await appendSamples(store, [[metric('log'), clock.nowMs, 2]])
}

function createListeningLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  return { lines, log: pino({ level: 'error' }, { write: (line: string) => void lines.push(line) }) }
}

describe('a file that cannot be read', () => {
  it.each<[string, Operation, string, RegExp, string]>([
    ['a block', 'openToRead', 'EIO', /\.block$/, 'log'],
    ['a block', 'read', 'EIO', /\.block$/, 'log'],
    ['a block', 'openToRead', 'EACCES', /\.block$/, 'log'],
    ['a log', 'openToRead', 'EACCES', /\.log$/, 'block'],
    ['a log', 'read', 'EIO', /\.log$/, 'block'],
    ['a tombstone', 'read', 'EIO', /\.tombstone$/, 'block'],
  ])('%s (%s: %s) is set aside and reported with its path, the rest is served', async (...row) => {
    const [, operation, code, path, served] = row
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fill(directory.path, clock)
    const disk = createFailingDisk(code)
    disk.failing.add(operation)
    disk.path = path
    const { log, lines } = createListeningLog()
    await using store = await openTestStore(directory.path, clock, { disk, log })
    expect(await readOne(store, named(served))).toHaveLength(1)
    expect(store.stats().corruptions).toBe(1)
    const names = await readdir(directory.path, { recursive: true })
    const aside = names.filter((name) => name.endsWith('.corrupt'))
    expect(aside).toHaveLength(1)
    expect(lines.join('')).toContain(join(directory.path, aside[0]!))
    disk.failing.clear()
    await appendSamples(store, [[metric('new'), clock.nowMs, 3]])
    expect(await readOne(store, named('new'))).toEqual([[clock.nowMs, 3]])
  })

  it('a block that cannot be read any more while the store runs costs its own samples, and no query', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await fill(directory.path, clock)
    const disk = createFailingDisk('EIO')
    disk.path = /\.block$/
    const { log, lines } = createListeningLog()
    await using store = await openTestStore(directory.path, clock, { disk, log })
    disk.failing.add('read')
    for (const attempt of [1, 2]) {
      const found = await store.select(
        [{ name: '__name__', operator: '=~', value: 'block|log' }],
        0,
        clock.nowMs,
      )
      expect([attempt, found.map(({ labels }) => labels[1])]).toEqual([attempt, ['log']])
    }
    expect(store.stats().corruptions).toBe(1)
    expect(lines.join('')).toContain(`${windowStart}-0-0.block`)
  })

  it.each<Operation>(['list', 'makeDirectory'])(
    'a directory without permission (%s) is an error that names it',
    async (operation) => {
      await using directory = await createTemporaryDirectory()
      const disk = createFailingDisk('EACCES')
      disk.failing.add(operation)
      await expect(
        openTestStore(directory.path, createManualClock(windowStart), { disk }),
      ).rejects.toMatchObject({
        code: 'DIRECTORY_UNUSABLE',
        message: expect.stringContaining(directory.path) as string,
      })
    },
  )
})
