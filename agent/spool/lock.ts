import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PgherdError, messageOf } from '../../common/errors.ts'

/**
 * Holds a directory for this process. The lock is one of the kernel (fcntl, taken through SQLite because Node
 * offers none), so it ends with the process however that dies: there is no stale lock to guess about.
 * @throws PgherdError DIRECTORY_LOCKED
 */
export function lockDirectory(directory: string): Disposable {
  const path = join(directory, 'lock')
  // Emptied, because SQLite refuses what a damaged disk may have put there; a lock is on the file, not its bytes.
  closeSync(openSync(path, 'w', 0o600))
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!messageOf(error).includes('locked')) throw error
    throw new PgherdError('DIRECTORY_LOCKED', `${directory} is in use by another pgherd-agent`, {
      cause: error,
    })
  }
  return { [Symbol.dispose]: () => database.close() }
}
