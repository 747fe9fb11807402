import { chmod, mkdtempDisposable, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeConfig } from '../../../../agent/backup/policy/write-config.ts'

const text = '# Written by pgherd from the policy of pg-main; changes here are lost.\n\n[global]\n'
const foreign = '[global]\nrepo1-path=/theirs\n'

async function place() {
  const directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-config-'))
  const path = join(directory.path, 'pgbackrest', 'pgbackrest.conf')
  const write = (content: string, takesOver = false) =>
    writeConfig({ path, text: content, owner: null, takesOver })
  return { path, write, inside: join(path, '..'), [Symbol.asyncDispose]: () => directory.remove() }
}

test('a file that is not there is written with its directory, for its owner alone', async () => {
  await using there = await place()
  expect(await there.write(text)).toBe(true)
  expect(await readFile(there.path, 'utf8')).toBe(text)
  expect((await stat(there.path)).mode & 0o777).toBe(0o600)
  expect((await stat(there.inside)).mode & 0o055).toBe(0o055)
})

test('a file that is right is left alone', async () => {
  await using there = await place()
  await there.write(text)
  const before = await stat(there.path)
  expect(await there.write(text)).toBe(false)
  expect((await stat(there.path)).ino).toBe(before.ino)
})

test('a file that is right but readable by others is closed', async () => {
  await using there = await place()
  await there.write(text)
  await chmod(there.path, 0o644)
  expect(await there.write(text)).toBe(true)
  expect((await stat(there.path)).mode & 0o777).toBe(0o600)
})

test('an earlier one of pgherd is replaced', async () => {
  await using there = await place()
  await there.write(text)
  expect(await there.write(`${text}process-max=3\n`)).toBe(true)
  expect(await readFile(there.path, 'utf8')).toContain('process-max=3')
  expect(await readdir(there.inside)).toEqual(['pgbackrest.conf'])
})

test("somebody else's is not touched", async () => {
  await using there = await place()
  await there.write(text)
  await writeFile(there.path, foreign)
  await expect(there.write(text)).rejects.toMatchObject({
    problem: 'configuration',
    message: expect.stringContaining('is not written by pgherd') as string,
  })
  expect(await readFile(there.path, 'utf8')).toBe(foreign)
})

test("somebody else's is replaced when that is asked for, and kept beside", async () => {
  await using there = await place()
  await there.write(text)
  await writeFile(there.path, foreign)
  expect(await there.write(text, true)).toBe(true)
  expect(await readFile(there.path, 'utf8')).toBe(text)
  expect(await readFile(`${there.path}.before-pgherd`, 'utf8')).toBe(foreign)
})

test('a directory that cannot be made is named', async () => {
  const path = '/proc/pgherd/pgbackrest.conf'
  await expect(writeConfig({ path, text, owner: null, takesOver: false })).rejects.toMatchObject({
    code: 'DIRECTORY_UNUSABLE',
    message: expect.stringContaining(path) as string,
  })
})
