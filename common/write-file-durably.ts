import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PgherdError, messageOf } from './errors.ts'
import { isDiskFull, syncDirectory } from './spool/file-operations.ts'

/**
 * Creates or replaces a file as a whole: after a crash there is the old content or the new one, never a part.
 * @param mode of the file, such as 0o600 for a secret
 * @param owner of the file; this program's own user unless told
 * @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE
 */
export async function writeFileDurably(
  path: string,
  content: string,
  mode: number,
  owner?: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const partial = `${path}.partial`
  try {
    // A partial file of an earlier attempt may have another mode.
    await rm(partial, { force: true })
    {
      await using file = await open(partial, 'wx', mode)
      if (owner !== undefined) await file.chown(owner.uid, owner.gid)
      await file.writeFile(content)
      await file.sync()
    }
    await rename(partial, path)
    await syncDirectory(dirname(path))
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    const code = isDiskFull(error) ? 'DISK_FULL' : 'DIRECTORY_UNUSABLE'
    throw new PgherdError(code, `cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
}
