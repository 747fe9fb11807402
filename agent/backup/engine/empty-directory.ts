import { chown, mkdir, readdir } from 'node:fs/promises'
import { messageOf, systemCodeOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'

/**
 * Makes the directory that is restored into, or sees that it is empty.
 * @param user whose it is to be; this program's own unless told
 * @throws BackupFailure
 */
export async function makeEmptyDirectory(
  directory: string,
  user: { readonly uid: number; readonly gid: number } | undefined,
): Promise<void> {
  try {
    const names = await readdir(directory)
    if (names.length > 0)
      throw new BackupFailure('other', `${directory} is not empty; empty it or choose another`)
    return
  } catch (error) {
    if (error instanceof BackupFailure) throw error
    // One that only the servers' user may look into is for them to judge.
    if (systemCodeOf(error) !== 'ENOENT') return
  }
  try {
    await mkdir(directory, { mode: 0o700 })
    if (user !== undefined) await chown(directory, user.uid, user.gid)
  } catch (error) {
    throw new BackupFailure('configuration', `cannot make ${directory}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
