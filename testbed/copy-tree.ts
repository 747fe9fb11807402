import type { Stats } from 'node:fs'
import { constants, chmod, chown, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Owner } from './unprivileged.ts'

export interface CopyOptions {
  /** Who owns the copy; without it, who we are. */
  readonly owner?: Owner | undefined
  /** Paths, relative to the source, that are left out. */
  readonly skip?: (path: string) => boolean
  /** Permissions of the copy; those of the source unless told. */
  readonly modeOf?: (source: Stats) => number
}

/**
 * Copies a directory that may change meanwhile, as a base backup of a running server must: files that vanish
 * while we look are left out.
 */
export async function copyTree(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const { owner, skip = () => false, modeOf = (source: Stats) => source.mode & 0o7777 } = options

  const copy = async (path: string): Promise<void> => {
    const source = join(from, path)
    const target = join(to, path)
    const stats = await lstat(source)
    if (stats.isSymbolicLink()) {
      await symlink(await readlink(source), target)
      return
    }
    if (stats.isDirectory()) {
      await mkdir(target, { recursive: true })
      const inside = (await readdir(source)).map((name) => join(path, name)).filter((name) => !skip(name))
      await Promise.all(inside.map(copyUnlessGone))
    } else if (stats.isFile()) {
      await copyFile(source, target, constants.COPYFILE_FICLONE)
    } else return
    if (owner !== undefined) await chown(target, owner.uid, owner.gid)
    await chmod(target, modeOf(stats))
  }

  const copyUnlessGone = async (path: string): Promise<void> => {
    try {
      await copy(path)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }

  await copy('.')
}
