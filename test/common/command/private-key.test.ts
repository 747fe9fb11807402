import { chmod, mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateSigningKey, readPrivateKey, writePrivateKey } from '../../../common/command/private-key.ts'

const fresh = () => mkdtempDisposable(join(tmpdir(), 'pgherd-key-'))

test('a private key comes back from its file, which nobody else can read', async () => {
  await using directory = await fresh()
  const path = join(directory.path, 'anna.key')
  const key = generateSigningKey('anna')
  await writePrivateKey(path, key)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await readPrivateKey(path, 'anna')).id).toBe(key.id)
})

test('with a passphrase the file tells nothing without it', async () => {
  await using directory = await fresh()
  const path = join(directory.path, 'anna.key')
  const key = generateSigningKey('anna')
  await writePrivateKey(path, key, 'correct horse')
  expect(await readFile(path, 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY')
  expect((await readPrivateKey(path, 'anna', () => Promise.resolve('correct horse'))).id).toBe(key.id)
  await expect(readPrivateKey(path, 'anna', () => Promise.resolve('wrong'))).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('passphrase') as string,
  })
})

test('a key that others can read is not used', async () => {
  await using directory = await fresh()
  const path = join(directory.path, 'anna.key')
  await writePrivateKey(path, generateSigningKey('anna'))
  await chmod(path, 0o640)
  await expect(readPrivateKey(path, 'anna')).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('mode 640') as string,
  })
})

test('a key is never overwritten', async () => {
  await using directory = await fresh()
  const path = join(directory.path, 'anna.key')
  await writeFile(path, 'mine')
  await expect(writePrivateKey(path, generateSigningKey('anna'))).rejects.toMatchObject({ code: 'REFUSED' })
  expect(await readFile(path, 'utf8')).toBe('mine')
})

test('what is no key is said to be none', async () => {
  await using directory = await fresh()
  const path = join(directory.path, 'anna.key')
  await writeFile(path, 'hello', { mode: 0o600 })
  await expect(readPrivateKey(path, 'anna')).rejects.toMatchObject({ code: 'BAD_DATA' })
  await expect(readPrivateKey(join(directory.path, 'none'), 'anna')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})
