import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyTree } from '../../testbed/copy-tree.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pgherd-test-'))
  mkdirSync(join(directory, 'from/inner/skipped'), { recursive: true })
  writeFileSync(join(directory, 'from/inner/file'), 'text', { mode: 0o640 })
  writeFileSync(join(directory, 'from/inner/skipped/file'), '')
  symlinkSync('file', join(directory, 'from/inner/link'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

test('a tree is copied with its permissions and links, without what is skipped', async () => {
  const to = join(directory, 'to')
  await copyTree(join(directory, 'from'), to, { skip: (path) => path === 'inner/skipped/file' })
  expect(readFileSync(join(to, 'inner/file'), 'utf8')).toBe('text')
  expect(statSync(join(to, 'inner/file')).mode & 0o777).toBe(0o640)
  expect(readlinkSync(join(to, 'inner/link'))).toBe('file')
  expect(statSync(join(to, 'inner/skipped')).isDirectory()).toBe(true)
  expect(statSync(join(to, 'inner/skipped/file'), { throwIfNoEntry: false })).toBeUndefined()
})

test('permissions of the copy can be chosen', async () => {
  const to = join(directory, 'to')
  await copyTree(join(directory, 'from'), to, { modeOf: (stats) => (stats.isDirectory() ? 0o755 : 0o644) })
  expect(statSync(join(to, 'inner/file')).mode & 0o777).toBe(0o644)
})

test('a source that is not there at all is an error only for the top', async () => {
  await expect(copyTree(join(directory, 'nowhere'), join(directory, 'to'))).rejects.toThrow('ENOENT')
})
