import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { localFile, readLocalFileNow } from '../../common/local-file.ts'

const userId = process.getuid?.() ?? 0
let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pgherd-local-file-'))
  writeFileSync(join(directory, 'file'), 'text', { mode: 0o600 })
  symlinkSync('file', join(directory, 'link'))
  mkdirSync(join(directory, 'directory'), { mode: 0o700 })
  spawnSync('mkfifo', ['-m', '600', join(directory, 'pipe')])
})
afterAll(() => rmSync(directory, { recursive: true }))

test.each(['file', 'link'])('a %s is read', async (name) => {
  const path = join(directory, name)
  expect(await localFile(path, userId).read()).toBe('text')
  expect(readLocalFileNow(path, userId)).toBe('text')
})

test.each(['directory', 'pipe'])(
  'a %s is refused at once, without waiting for who writes into it',
  async (name) => {
    const path = join(directory, name)
    await expect(localFile(path, userId).read()).rejects.toMatchObject({ code: 'REFUSED' })
    expect(() => readLocalFileNow(path, userId)).toThrow(`${path}: was no file`)
  },
)
