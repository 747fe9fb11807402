import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { confirmLines } from '../../../../../agent/backup/member/in-place-controls.ts'
import {
  confirmRestored,
  planConfirm,
} from '../../../../../agent/backup/restore/in-place/confirm-restored.ts'
import { openKeptDirectories } from '../../../../../agent/backup/restore/in-place/kept-directories.ts'
import { beside, inodeOf } from '../../../../../agent/backup/restore/in-place/place-names.ts'
import { aListing } from '../a-backup.ts'

const restores = [Date.parse('2026-11-27T09:00:00Z'), Date.parse('2026-11-27T10:00:00Z')] as const

/** A server that was restored in place twice, each time with the directory of before kept, the newer one noted first. */
async function restoredTwice() {
  const place = mkdtempSync(join(tmpdir(), 'pgherd-confirm-'))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  const data = join(place, 'data')
  mkdirSync(data)
  const keptDirectories = await openKeptDirectories(join(place, 'kept.json'))
  const kept = restores.map((restoredMs) => beside(data, 'before', restoredMs))
  for (const [i, directory] of [...kept.entries()].toReversed()) {
    mkdirSync(directory)
    await keptDirectories.add({
      ...{ cluster: 'pg-main', data, kept: directory, restoredMs: restores[i]! },
      inode: (await inodeOf(directory)) ?? '',
    })
  }
  return { data, kept, keptDirectories }
}

test('a confirmation after two restores in place names both directories, the oldest first, and how many they are', async () => {
  const { kept, keptDirectories } = await restoredTwice()
  const lines = confirmLines(await planConfirm('pg-main', keptDirectories, aListing), true)
  expect(lines[0]).toContain('2 directories are kept')
  expect(lines.filter((line) => line.startsWith('DELETES'))).toEqual(
    kept.map((directory) => expect.stringContaining(`DELETES ${directory}, the data from before`) as string),
  )
})

test('what speaks against both is told once', async () => {
  const { data, keptDirectories } = await restoredTwice()
  const { problems } = await planConfirm('pg-main', keptDirectories, aListing)
  expect(problems).toEqual([`no server runs on ${data}`])
})

test('it deletes both, and says so, and nothing else', async () => {
  const { data, kept, keptDirectories } = await restoredTwice()
  const plan = await planConfirm('pg-main', keptDirectories, aListing)
  expect(await confirmRestored(plan, keptDirectories)).toEqual(kept)
  expect([data, ...kept].map((directory) => existsSync(directory))).toEqual([true, false, false])
  expect(keptDirectories.all()).toEqual([])
})

test('where the older one is not what was kept nothing is deleted', async () => {
  const { kept, keptDirectories } = await restoredTwice()
  renameSync(kept[0]!, `${kept[0]!}.moved`)
  mkdirSync(kept[0]!)
  await expect(planConfirm('pg-main', keptDirectories, aListing)).rejects.toThrow('is another directory than')
})
