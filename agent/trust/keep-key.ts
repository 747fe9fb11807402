import { readFile } from 'node:fs/promises'
import { systemCodeOf } from '../../common/errors.ts'
import { makeDirectory } from '../../common/make-directory.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'
import { dirname } from 'node:path'
import { createKey } from './certificate-request.ts'

/**
 * The key that is in the file, or a new one that is kept there before it is shown to anybody: a repeat brings the same, and
 * where nothing can be written nothing is asked for.
 * @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE, and what reading throws
 */
export async function keepKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error
    const key = createKey()
    makeDirectory(dirname(path))
    await writeFileDurably(path, key, 0o600)
    return key
  }
}
