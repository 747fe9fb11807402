import { expect, test } from 'vitest'
import { momentOf } from '../../../agent/health/seen.ts'
import { createSpaceWatch, createStatfsTurn } from '../../../agent/health/space-watch.ts'
import type { FileSystem, Statfs } from '../../../agent/health/space-watch.ts'
import { systemClock } from '../../../common/clock.ts'

const disk: FileSystem = { bsize: 4_096, blocks: 1_000, bavail: 250, files: 500, ffree: 100 }
/** Half of it is what a look waits for an answer. */
const intervalMs = 20

const watchWith = (statfs: Statfs, turn = createStatfsTurn()) =>
  createSpaceWatch({ statfs, turn, clock: systemClock, intervalMs })
const now = () => momentOf(systemClock)

test('space is what its user may still use, and inodes', async () => {
  const watch = watchWith((path) =>
    path.endsWith('/pg_wal') ? Promise.reject(new Error('EACCES')) : Promise.resolve(disk),
  )
  await watch.look('/data')
  expect(watch.view(now())).toEqual([
    { of: 'data', freeBytes: 1_024_000, totalBytes: 4_096_000, freeInodes: 100, totalInodes: 500 },
  ])
})

test('data and log are looked at in turn, and both stay known', async () => {
  const asked: string[] = []
  const watch = watchWith((path) => {
    asked.push(path)
    return Promise.resolve(disk)
  })
  for (let i = 0; i < 4; i++) await watch.look('/data')
  expect(asked).toEqual(['/data', '/data/pg_wal', '/data', '/data/pg_wal'])
  expect(watch.view(now()).map(({ of }) => of)).toEqual(['data', 'wal'])
})

test('a file system without inodes of its own has none', async () => {
  const watch = watchWith(() => Promise.resolve({ ...disk, files: 0, ffree: 0 }))
  await watch.look('/data')
  expect(watch.view(now())[0]).toMatchObject({ freeInodes: null, totalInodes: null })
})

test('a mount that hangs is asked once, holds one thread for all servers, and what was known of it ends', async () => {
  const asked: string[] = []
  let isHung = false
  const statfs: Statfs = (path) => {
    asked.push(path)
    return isHung ? new Promise(() => undefined) : Promise.resolve(disk)
  }
  const turn = createStatfsTurn()
  const one = watchWith(statfs, turn)
  const other = watchWith(statfs, turn)
  await one.look('/data')
  isHung = true
  const before = asked.length
  for (let i = 0; i < 5; i++) {
    await one.look('/data')
    await other.look('/more')
  }
  expect(asked.length - before).toBe(1)
  const { monotonicMs, wallMs } = now()
  expect(one.view({ monotonicMs: monotonicMs + 1_000, wallMs })).toEqual([])
})
