import { readdir } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../../common/clock.ts'
import { systemFiles } from '../../../common/spool/file-operations.ts'
import { drain, nextOf, openTestSpool, record, temporaryDirectory } from './harness.ts'

/** A disk that fails with the given error while one is set. */
function failingDisk() {
  const disk: { code?: string | undefined; at: 'write' | 'datasync'; failures: number } = {
    at: 'write',
    failures: 0,
  }
  const fail = (where: typeof disk.at) => {
    if (disk.code === undefined || disk.at !== where) return
    disk.failures++
    throw Object.assign(new Error(`${disk.code}: injected`), { code: disk.code })
  }
  return Object.assign(disk, {
    files: {
      write: async (file: FileHandle, bytes: Uint8Array, position: number) => {
        if (disk.code !== undefined && disk.at === 'write') {
          // What a full disk does: half of it is written.
          await systemFiles.write(file, bytes.subarray(0, bytes.length >> 1), position)
        }
        fail('write')
        await systemFiles.write(file, bytes, position)
      },
      datasync: (file: FileHandle) => {
        fail('datasync')
        return systemFiles.datasync(file)
      },
    },
  })
}

test('over the size budget the oldest segments go, counted with the times they were from', async () => {
  const now = Date.now()
  await using spool = await openTestSpool(await temporaryDirectory(), { maxBytes: 400, segmentBytes: 100 })
  for (let i = 0; i < 30; i++) await spool.append(record(`record ${String(i).padStart(2, '0')}`, now + i))
  const { bytes, readers } = spool.stats()
  expect(bytes).toBeLessThanOrEqual(400)
  const left = await drain(spool.reader('main'))
  expect(left.at(-1)).toBe('record 29')
  const lost = 30 - left.length
  expect(lost).toBeGreaterThan(0)
  expect(left[0]).toBe(`record ${lost}`)
  expect(readers['main']?.dropped).toMatchObject({ records: lost, oldestMs: now, newestMs: now + lost - 1 })
})

test('only what a destination had not acknowledged counts as its loss', async () => {
  const now = Date.now()
  await using spool = await openTestSpool(await temporaryDirectory(), {
    readers: ['fast', 'slow'],
    maxBytes: 300,
    segmentBytes: 16 + 3 * 26,
  })
  for (let i = 0; i < 2; i++) await spool.append(record(`record ${String(i).padStart(2, '0')}`, now + i))
  const slow = spool.reader('slow')
  await slow.acknowledge([(await nextOf(slow))!])
  for (let i = 2; i < 12; i++) {
    await spool.append(record(`record ${String(i).padStart(2, '0')}`, now + i))
    await drain(spool.reader('fast'))
  }
  const { readers } = spool.stats()
  expect(readers['fast']?.dropped.records).toBe(0)
  const rest = await drain(slow)
  expect(readers['slow']?.dropped).toMatchObject({ records: 11 - rest.length, oldestMs: now + 1 })
})

test('an acknowledgement of a record that was dropped meanwhile does nothing', async () => {
  await using spool = await openTestSpool(await temporaryDirectory(), { maxBytes: 120, segmentBytes: 60 })
  await spool.append(record('sent while the spool overflows'))
  const reader = spool.reader('main')
  const inFlight = (await nextOf(reader))!
  for (const text of ['b', 'c', 'd', 'e', 'f', 'g']) await spool.append(record(text))
  const before = reader.backlog().records
  await reader.acknowledge([inFlight])
  expect(reader.backlog().records).toBe(before)
})

test('records older than the age budget are dropped', async () => {
  let now = 1_790_000_000_000
  const clock = { ...systemClock, now: () => now }
  await using spool = await openTestSpool(await temporaryDirectory(), {
    clock,
    maxAgeMs: 60_000,
    segmentBytes: 40,
  })
  await spool.append(record('old', now))
  now += 30_000
  await spool.append(record('younger', now))
  now += 45_000
  await spool.append(record('fresh', now))
  expect(await drain(spool.reader('main'))).toEqual(['younger', 'fresh'])
  expect(spool.stats().readers['main']?.dropped).toMatchObject({ records: 1, newestMs: now - 75_000 })
})

test('a new segment begins after its age, so that old records can go on their own', async () => {
  let monotonic = 0
  const clock = { ...systemClock, monotonic: () => monotonic }
  await using spool = await openTestSpool(await temporaryDirectory(), { clock, segmentAgeMs: 1000 })
  await spool.append(record('a'))
  await spool.append(record('b'))
  expect(spool.stats().segments).toBe(1)
  monotonic += 1000
  await spool.append(record('c'))
  expect(spool.stats().segments).toBe(2)
})

test('a full disk fails the append and is counted; the spool goes on when there is room again', async () => {
  const directory = await temporaryDirectory()
  const disk = failingDisk()
  {
    await using spool = await openTestSpool(directory, { files: disk.files })
    await spool.append(record('before'))
    disk.code = 'ENOSPC'
    await expect(spool.append(record('lost', 42))).rejects.toMatchObject({ code: 'DISK_FULL', retry: true })
    disk.code = undefined
    await spool.append(record('after'))
    expect(await drain(spool.reader('main'))).toEqual(['before', 'after'])
    expect(spool.stats().refused).toEqual({ records: 1, bytes: 20, oldestMs: 42, newestMs: 42 })
  }
  await using spool = await openTestSpool(directory)
  expect(spool.stats()).toMatchObject({ tornBytes: 0, corruptBytes: 0 })
})

test('on a full disk what has been acknowledged makes room at no loss', async () => {
  const directory = await temporaryDirectory()
  const disk = failingDisk()
  await using spool = await openTestSpool(directory, { files: disk.files })
  await spool.append(record('sent'))
  await drain(spool.reader('main'))
  disk.code = 'EDQUOT'
  await expect(spool.append(record('lost'))).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(disk.failures).toBe(2)
  expect((await readdir(directory)).filter((name) => name.endsWith('.segment'))).toEqual([])
  disk.code = undefined
  await spool.append(record('after'))
  expect(await drain(spool.reader('main'))).toEqual(['after'])
  expect(spool.stats().readers['main']?.dropped.records).toBe(0)
})

test('on a full disk the oldest segment makes room for the newest record', async () => {
  const disk = failingDisk()
  const directory = await temporaryDirectory()
  const files = {
    ...disk.files,
    // Full until a segment has been deleted.
    write: async (file: FileHandle, bytes: Uint8Array, position: number) => {
      const segments = (await readdir(directory)).filter((name) => name.endsWith('.segment'))
      disk.code = segments.length > 3 ? 'ENOSPC' : undefined
      await disk.files.write(file, bytes, position)
    },
  }
  await using spool = await openTestSpool(directory, { files, segmentBytes: 32 })
  for (const text of ['a', 'b', 'c', 'd', 'e']) await spool.append(record(text))
  expect(disk.failures).toBeGreaterThan(0)
  expect(await drain(spool.reader('main'))).toEqual(['c', 'd', 'e'])
})

test('on a full disk a destination that is away does not stop one that has everything', async () => {
  const disk = failingDisk()
  const directory = await temporaryDirectory()
  const files = {
    ...disk.files,
    // Full once there is a record, until the file that has them is deleted.
    write: async (file: FileHandle, bytes: Uint8Array, position: number) => {
      disk.code = position >= 16 + 17 ? 'ENOSPC' : undefined
      await disk.files.write(file, bytes, position)
    },
  }
  await using spool = await openTestSpool(directory, { files, readers: ['main', 'away'] })
  await spool.append(record('a'))
  await expect(spool.append(record('b'))).rejects.toMatchObject({ code: 'DISK_FULL' })
  const got: string[] = []
  for (const text of ['c', 'd', 'e']) {
    got.push(...(await drain(spool.reader('main'))))
    await spool.append(record(text))
  }
  expect([...got, ...(await drain(spool.reader('main')))]).toEqual(['a', 'c', 'd', 'e'])
  expect(spool.stats().readers['away']?.dropped.records).toBeGreaterThan(0)
  expect(await drain(spool.reader('away'))).toContain('e')
})

test.each(['write', 'datasync'] as const)(
  'a disk that fails to %s costs that record and no other',
  async (at) => {
    const directory = await temporaryDirectory()
    const disk = failingDisk()
    {
      await using spool = await openTestSpool(directory, { files: disk.files })
      await spool.append(record('before'))
      disk.at = at
      disk.code = 'EIO'
      await expect(spool.append(record('lost'))).rejects.toMatchObject({ code: 'DIRECTORY_UNUSABLE' })
      disk.code = undefined
      await spool.append(record('after'))
      expect(spool.stats().refused.records).toBe(1)
    }
    await using spool = await openTestSpool(directory)
    expect(spool.stats()).toMatchObject({ tornBytes: 0, corruptBytes: 0 })
    expect(await drain(spool.reader('main'))).toEqual(['before', 'after'])
  },
)

test('on a disk that hangs, what waits is bounded; the rest is refused and counted', async () => {
  const hang = Promise.withResolvers<undefined>()
  const files = { ...systemFiles, datasync: () => hang.promise }
  await using spool = await openTestSpool(await temporaryDirectory(), { files, segmentBytes: 100 })
  const appends = Array.from({ length: 50 }, (_, i) => spool.append(record(`record ${i}`)))
  await expect(appends.at(-1)).rejects.toMatchObject({ code: 'DIRECTORY_UNUSABLE' })
  hang.resolve(undefined)
  const outcomes = await Promise.allSettled(appends)
  const kept = outcomes.filter(({ status }) => status === 'fulfilled').length
  expect(kept).toBeGreaterThan(5)
  expect(spool.stats().refused.records).toBe(50 - kept)
  expect(await drain(spool.reader('main'))).toHaveLength(kept)
  await spool.append(record('afterwards'))
})

test('a record that could never fit is refused', async () => {
  await using spool = await openTestSpool(await temporaryDirectory(), { maxBytes: 1000 })
  await expect(spool.append(record('x'.repeat(1000)))).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' })
})

test('a spool that refuses when it is full keeps what it has, and takes more once that is acknowledged', async () => {
  const directory = await temporaryDirectory()
  const options = { maxBytes: 400, segmentBytes: 100, maxAgeMs: Infinity, whenFull: 'refuse' as const }
  await using spool = await openTestSpool(directory, options)
  const kept: string[] = []
  const fill = async () => {
    for (let i = 0; ; i++) {
      await spool.append(record(`record ${i}`, 1))
      kept.push(`record ${i}`)
    }
  }
  await expect(fill()).rejects.toMatchObject({ code: 'DISK_FULL', status: 503 })
  expect(kept.length).toBeGreaterThan(5)
  expect(spool.stats().readers['main']?.dropped.records).toBe(0)
  expect(await drain(spool.reader('main'))).toEqual(kept)
  await spool.append(record('the next'))
  expect(await drain(spool.reader('main'))).toEqual(['the next'])
})

test('on a full disk such a spool drops nothing either', async () => {
  const disk = failingDisk()
  await using spool = await openTestSpool(await temporaryDirectory(), {
    whenFull: 'refuse',
    segmentBytes: 100,
    files: disk.files,
  })
  const texts = Array.from({ length: 10 }, (_, i) => `record ${i}`)
  for (const text of texts) await spool.append(record(text))
  disk.code = 'ENOSPC'
  await expect(spool.append(record('too much'))).rejects.toMatchObject({ code: 'DISK_FULL' })
  disk.code = undefined
  await spool.append(record('the next'))
  expect(await drain(spool.reader('main'))).toEqual([...texts, 'the next'])
})
