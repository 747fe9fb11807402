import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { keepNewest, listBackups, removeUnfinished } from '../../../collector/state-backup/backup-folder.ts'
import { createTemporaryDirectory } from '../store/embedded/test-store.ts'

function make(folder: string, ...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'content'), '')
  }
}

test('backups of one second are in the order in which they were made', async () => {
  await using folder = await createTemporaryDirectory()
  make(
    folder.path,
    '20260101T000000Z-10',
    '20260101T000000Z-2',
    '20260101T000000Z',
    '20251231T235959Z',
    'other',
  )
  expect((await listBackups(folder.path)).map((path) => basename(path))).toEqual([
    '20251231T235959Z',
    '20260101T000000Z',
    '20260101T000000Z-2',
    '20260101T000000Z-10',
  ])
})

test('what killed backups have left goes, and nothing else', async () => {
  await using folder = await createTemporaryDirectory()
  make(folder.path, '20260101T000000Z', '20260102T000000Z.unfinished', 'mine.unfinished')
  expect(await removeUnfinished(folder.path)).toEqual([join(folder.path, '20260102T000000Z.unfinished')])
  expect(readdirSync(folder.path).sort()).toEqual(['20260101T000000Z', 'mine.unfinished'])
})

test('the backup that was just made is kept although the clock has gone back', async () => {
  await using folder = await createTemporaryDirectory()
  make(folder.path, '20200101T000000Z', '20260101T000000Z', '20260102T000000Z')
  const made = join(folder.path, '20200101T000000Z')
  expect(await keepNewest(folder.path, 2, made)).toEqual([join(folder.path, '20260101T000000Z')])
  expect(readdirSync(folder.path).sort()).toEqual(['20200101T000000Z', '20260102T000000Z'])
  expect(await keepNewest(folder.path, 1, made)).toHaveLength(1)
  expect(readdirSync(folder.path)).toEqual(['20200101T000000Z'])
})
