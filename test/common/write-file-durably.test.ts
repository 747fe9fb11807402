import { mkdtempDisposable, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeFileDurably } from '../../common/write-file-durably.ts'

test('a file is replaced as a whole, gets the mode that was asked for, and nothing is left beside it', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-write-'))
  const path = join(directory.path, 'secret')
  await writeFile(path, 'old', { mode: 0o644 })

  await writeFileDurably(path, 'new', 0o600)

  expect(await readFile(path, 'utf8')).toBe('new')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(directory.path)).toEqual(['secret'])
})

test('what an earlier attempt left behind, readable by all, is not written into', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-write-'))
  const path = join(directory.path, 'secret')
  await writeFile(`${path}.partial`, 'half', { mode: 0o666 })

  await writeFileDurably(path, 'new', 0o600)

  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('a directory that is not there is named', async () => {
  await expect(writeFileDurably('/nonexistent/secret', 'x', 0o600)).rejects.toMatchObject({
    code: 'DIRECTORY_UNUSABLE',
    message: expect.stringContaining('/nonexistent/secret') as string,
  })
})
