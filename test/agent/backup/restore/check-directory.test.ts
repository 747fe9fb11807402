import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkDirectory } from '../../../../agent/backup/restore/check-directory.ts'

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'pgherd-check-directory-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('a directory that is not there, below one that is, may be restored into, and so may an empty one', async () => {
  const own = place()
  mkdirSync(join(own, 'Geprüft am 2026-11-23'))
  await expect(checkDirectory(join(own, 'new'))).resolves.toBe(false)
  await expect(checkDirectory(join(own, 'Geprüft am 2026-11-23'))).resolves.toBe(true)
})

test.each(['a$(touch x)b', "it's", 'a"b', 'a%pb', 'a\nb', 'a;b', 'a`x`', 'a\\b'])(
  'a path that restore_command would read otherwise is refused: %j',
  async (name) => {
    await expect(checkDirectory(join(place(), name))).rejects.toMatchObject({
      problem: 'configuration',
      message: expect.stringContaining('its path has') as string,
    })
  },
)

test('a link, a file, a directory with something in it and one without a parent are refused', async () => {
  const own = place()
  mkdirSync(join(own, 'full'))
  writeFileSync(join(own, 'full', 'file'), '')
  symlinkSync('full', join(own, 'link'))
  for (const [name, why] of [
    ['link', 'it is no directory'],
    ['full/file', 'it is no directory'],
    ['full', 'it is not empty: it has file'],
    ['none/at/all', 'does not exist'],
  ] as const) {
    await expect(checkDirectory(join(own, name))).rejects.toThrow(why)
  }
})

test('a directory inside the data directory of a server is refused, also by way of a link', async () => {
  const own = place()
  mkdirSync(join(own, 'data', 'base'), { recursive: true })
  writeFileSync(join(own, 'data', 'PG_VERSION'), '15\n')
  symlinkSync('data/base', join(own, 'link'))
  const why = `it is inside ${join(own, 'data')}, the data directory of a server`
  await expect(checkDirectory(join(own, 'data', 'base', 'new'))).rejects.toThrow(why)
  await expect(checkDirectory(join(own, 'link', 'new'))).rejects.toThrow(why)
})
