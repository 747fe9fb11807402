import { expect, test } from 'vitest'
import { BackupFailure } from '../../../../agent/backup/backup-failure.ts'
import { asFullDisk } from '../../../../agent/backup/drill/full-disk.ts'

const free = (freeBytes: number) => () => Promise.resolve({ freeBytes, totalBytes: 1 << 30 })

test('an error that tells of a full disk is one, however much is free by now', async () => {
  const error = new Error('could not write to file "pg_wal/xlogtemp.1": No space left on device')
  expect(await asFullDisk(error, '/scratch', free(1 << 29))).toMatchObject({
    problem: 'scratch-full',
    message: expect.stringContaining('/scratch became full (512.0 MiB free): could not write') as string,
  })
})

test('a server that could not even write its log is taken for a victim of the full disk', async () => {
  const error = new BackupFailure('other', 'the restored server ended (status 1): it said nothing')
  expect(await asFullDisk(error, '/scratch', free(0))).toMatchObject({ problem: 'scratch-full' })
})

test('another failure stays what it is, also where the disk cannot be asked', async () => {
  const error = new BackupFailure('archive-gap', 'a segment is missing')
  expect(await asFullDisk(error, '/scratch', free(1 << 29))).toBe(error)
  expect(await asFullDisk(error, '/scratch', () => Promise.reject(new Error('gone')))).toBe(error)
})

test('what is known as a full disk keeps its words', async () => {
  const error = new BackupFailure('scratch-full', 'only 1.0 MiB are left free')
  expect(await asFullDisk(error, '/scratch', free(0))).toBe(error)
})
