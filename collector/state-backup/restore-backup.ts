import { chown, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { lockDirectory } from '../../common/lock-directory.ts'
import { isDiskFull, syncDirectory } from '../../common/spool/file-operations.ts'
import { copyFile } from './copy-file.ts'
import { configurationFolder, stateFolder } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { requireSoundBackup } from './verify-backup.ts'

/** Of lockDirectory: left where they are, as a collector leaves them; the lock ends with this process. */
const lockFiles = ['lock', 'owner']

/**
 * Makes a collector's directory of a backup. All of the backup is checked first; the directory is written under another name
 * and gets its own in one step, so that there is all of it or nothing. What is in the configuration is put below
 * `restored-configuration`, for people to look through.
 * @returns what the backup has
 * @throws PgherdError REFUSED where something is there already, STORE_CORRUPT, DISK_FULL, DIRECTORY_UNUSABLE
 */
export async function restoreBackup(
  backup: string,
  to: string,
  tell: { readonly report: (line: string) => void; readonly progress: (line: string) => void },
): Promise<Manifest> {
  const target = await placeFor(to)
  tell.progress('every checksum is compared')
  const manifest = await requireSoundBackup(backup, tell.report)
  const unfinished = `${target}.unfinished`
  using stack = new DisposableStack()
  try {
    const owner = await ownerFor(target)
    await mkdir(unfinished, { recursive: true, mode: 0o700 })
    stack.use(await lockDirectory(unfinished))
    await removeAllBut(unfinished, lockFiles)
    const folders = new Set([unfinished])
    for (const [number, { path, bytes, sha256 }] of manifest.files.entries()) {
      const file = join(unfinished, placeOf(path))
      await makeFolders(dirname(file), folders, owner)
      await using from = await open(join(backup, path), 'r')
      if ((await copyFile(from, bytes, file)) !== sha256)
        throw new PgherdError('STORE_CORRUPT', `${path} of the backup changed while it was read`)
      if (owner !== undefined) await chown(file, owner.uid, owner.gid)
      if (number % 100 === 99) tell.progress(`${number + 1} of ${manifest.files.length} files`)
    }
    if (owner !== undefined) {
      for (const name of lockFiles) await chown(join(unfinished, name), owner.uid, owner.gid)
      await chown(unfinished, owner.uid, owner.gid)
    }
    for (const folder of folders) await syncDirectory(folder)
    // An empty directory gives way, one in which something has appeared meanwhile does not.
    await rename(unfinished, target)
    await syncDirectory(dirname(target))
    return manifest
  } catch (error) {
    // One that another process writes is its own.
    if (!(error instanceof PgherdError && error.code === 'DIRECTORY_LOCKED'))
      await rm(unfinished, { recursive: true, force: true }).catch(() => undefined)
    if (error instanceof PgherdError) throw error
    const code = isDiskFull(error) ? 'DISK_FULL' : 'DIRECTORY_UNUSABLE'
    throw new PgherdError(code, `${to} could not be written: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * The directory itself, also where `to` is a link to it.
 * @throws PgherdError REFUSED for one into which nothing can be restored in one step
 */
async function placeFor(to: string): Promise<string> {
  let target: string
  try {
    target = await realpath(to)
    if ((await readdir(target)).length > 0)
      throw new PgherdError(
        'REFUSED',
        `${to} is not empty: name a directory that is not there, or move that one away`,
      )
  } catch (error) {
    if (error instanceof PgherdError) throw error
    if (systemCodeOf(error) === 'ENOENT') return resolve(to)
    if (systemCodeOf(error) === 'ENOTDIR') throw new PgherdError('REFUSED', `${to} is no directory`)
    throw new PgherdError('DIRECTORY_UNUSABLE', `${to} cannot be read: ${messageOf(error)}`)
  }
  if ((await stat(target)).dev !== (await stat(dirname(target))).dev)
    throw new PgherdError(
      'REFUSED',
      `${to} is where a disk is mounted, which cannot get its content in one step: name a directory in it that is not there, such as ${join(to, 'collector')}`,
    )
  return target
}

async function removeAllBut(folder: string, kept: readonly string[]): Promise<void> {
  for (const name of await readdir(folder))
    if (!kept.includes(name)) await rm(join(folder, name), { recursive: true })
}

function placeOf(path: string): string {
  if (path.startsWith(`${stateFolder}/`)) return path.slice(stateFolder.length + 1)
  if (path.startsWith(`${configurationFolder}/`)) return `restored-${path}`
  throw new PgherdError('STORE_CORRUPT', `the backup has ${path}, which belongs nowhere`)
}

/** Folders above a file, from the outermost. */
async function makeFolders(
  folder: string,
  known: Set<string>,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Promise<void> {
  if (known.has(folder)) return
  await makeFolders(dirname(folder), known, owner)
  await mkdir(folder, { mode: 0o700 })
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid)
  known.add(folder)
}

/** Root restores for whom the empty directory belongs to: the collector does not run as root. */
async function ownerFor(target: string): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  try {
    const { uid, gid } = await stat(target)
    return { uid, gid }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
