import { chown, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { isDiskFull, syncDirectory } from '../../common/spool/file-operations.ts'
import { copyFile } from './copy-file.ts'
import { configurationFolder, stateFolder } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { requireSoundBackup } from './verify-backup.ts'
import { isEmptyOrAbsent } from './write-backup.ts'

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
  if (!(await isEmptyOrAbsent(to))) {
    throw new PgherdError(
      'REFUSED',
      `${to} is not empty: name a directory that is not there, or move that one away`,
    )
  }
  tell.progress('every checksum is compared')
  const manifest = await requireSoundBackup(backup, tell.report)
  const target = resolve(to)
  const unfinished = `${target}.unfinished`
  try {
    const owner = await ownerFor(target)
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true, mode: 0o700 })
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
    if (owner !== undefined) await chown(unfinished, owner.uid, owner.gid)
    for (const folder of folders) await syncDirectory(folder)
    // An empty directory gives way, one in which something has appeared meanwhile does not.
    await rename(unfinished, target)
    await syncDirectory(dirname(target))
    return manifest
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined)
    if (error instanceof PgherdError) throw error
    const code = isDiskFull(error) ? 'DISK_FULL' : 'DIRECTORY_UNUSABLE'
    throw new PgherdError(code, `${to} could not be written: ${messageOf(error)}`, { cause: error })
  }
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
