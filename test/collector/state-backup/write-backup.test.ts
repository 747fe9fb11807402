import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { restoreBackup } from '../../../collector/state-backup/restore-backup.ts'
import { verifyBackup } from '../../../collector/state-backup/verify-backup.ts'
import { writeBackup } from '../../../collector/state-backup/write-backup.ts'
import { lockDirectory } from '../../../common/lock-directory.ts'
import { createTemporaryDirectory } from '../store/embedded/test-store.ts'

const quiet = { report: () => undefined, progress: () => undefined }

async function start() {
  const own = await createTemporaryDirectory()
  const at = (...names: readonly string[]) => join(own.path, ...names)
  mkdirSync(at('store', 'trust'), { recursive: true })
  writeFileSync(at('store', 'trust', 'ca.key'), 'key', { mode: 0o600 })
  {
    using database = new DatabaseSync(at('store', 'fleet.sqlite'))
    database.exec('create table kept (a); create index kept_a on kept (a)')
    const insert = database.prepare('insert into kept values (?)')
    for (let i = 0; i < 500; i++) insert.run(`${i}`.repeat(50))
  }
  const back = (to = 'backup') =>
    writeBackup({
      directory: at('store'),
      trust: undefined,
      configuration: [],
      to: at(to),
      previous: undefined,
      createdMs: 0,
      progress: () => undefined,
    })
  return { at, back, [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() }
}

test('an authority that is a link to another disk is in the backup, for its owner only', async () => {
  await using setting = await start()
  const { at, back } = setting
  rmSync(at('store', 'trust'), { recursive: true })
  mkdirSync(at('elsewhere'))
  writeFileSync(at('elsewhere', 'ca.key'), 'key')
  chmodSync(at('elsewhere', 'ca.key'), 0o644)
  symlinkSync('../elsewhere', at('store', 'trust'))
  await back()
  await restoreBackup(at('backup'), at('restored'), quiet)
  expect(readFileSync(at('restored', 'trust', 'ca.key'), 'utf8')).toBe('key')
  expect(lstatSync(at('restored', 'trust')).isDirectory()).toBe(true)
  expect(lstatSync(at('restored', 'trust', 'ca.key')).mode & 0o777).toBe(0o600)
})

test.each([
  ['that leads nowhere', '../gone', 'leads nowhere'],
  ['to a folder around it', '..', 'leads back to'],
])('a link %s is named, and no backup is left', async (_, to, said) => {
  await using setting = await start()
  const { at, back } = setting
  symlinkSync(to, at('store', 'trust', 'link'))
  await expect(back()).rejects.toMatchObject({
    code: 'DIRECTORY_UNUSABLE',
    message: expect.stringContaining(said) as unknown,
  })
  expect(readdirSync(at())).toEqual(['store'])
})

test('of a damaged database none is made, as it could not be restored', async () => {
  await using setting = await start()
  const { at, back } = setting
  const content = readFileSync(at('store', 'fleet.sqlite'))
  writeFileSync(at('store', 'fleet.sqlite'), content.fill(0x5a, 3 * 4096, 6 * 4096))
  await expect(back()).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
    message: expect.stringContaining(at('store', 'fleet.sqlite')) as unknown,
  })
  expect(readdirSync(at())).toEqual(['store'])
})

test('a pipe or a link in the place of a file is damage, not something to wait for', async () => {
  await using setting = await start()
  const { at, back } = setting
  await back()
  const key = at('backup', 'state', 'trust', 'ca.key')
  for (const replace of [
    () => execFileSync('mkfifo', [key]),
    () => symlinkSync(at('store', 'trust', 'ca.key'), key),
  ]) {
    rmSync(key)
    replace()
    const damages: string[] = []
    await verifyBackup(at('backup'), (line) => damages.push(line))
    expect(damages).toEqual([`${key}: it is no file of its own`])
  }
})

test('an empty directory that is known by a link gets what is restored', async () => {
  await using setting = await start()
  const { at, back } = setting
  await back()
  mkdirSync(at('real'))
  symlinkSync('real', at('link'))
  await restoreBackup(at('backup'), at('link'), quiet)
  expect(existsSync(at('real', 'fleet.sqlite'))).toBe(true)
})

test('a file, or a disk that is mounted, is refused before anything is read', async () => {
  await using setting = await start()
  const { at } = setting
  writeFileSync(at('file'), '')
  const into = (to: string) => restoreBackup(at('backup-that-is-not-there'), to, quiet)
  await expect(into(at('file'))).rejects.toMatchObject({ code: 'REFUSED' })
  await expect(into('/proc')).rejects.toMatchObject({ code: 'REFUSED' })
})

test('of two restores at once one is refused, and harms nothing of the other; what a killed one has left goes', async () => {
  await using setting = await start()
  const { at, back } = setting
  await back()
  const unfinished = at('restored.unfinished')
  mkdirSync(unfinished)
  writeFileSync(join(unfinished, 'half'), '')
  {
    using stack = new DisposableStack()
    stack.use(await lockDirectory(unfinished))
    const script = `import { restoreBackup } from ${JSON.stringify(new URL('../../../collector/state-backup/restore-backup.ts', import.meta.url).href)}
      await restoreBackup(${JSON.stringify(at('backup'))}, ${JSON.stringify(at('restored'))}, { report() {}, progress() {} })
        .catch((error) => console.log(error.code))`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(said).toBe('DIRECTORY_LOCKED\n')
    expect(existsSync(join(unfinished, 'half'))).toBe(true)
  }
  await restoreBackup(at('backup'), at('restored'), quiet)
  expect(readdirSync(at('restored')).sort()).toEqual(['fleet.sqlite', 'lock', 'owner', 'trust'])
  expect(existsSync(unfinished)).toBe(false)
})
