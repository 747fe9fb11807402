import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PgherdError, messageOf } from '../../../common/errors.ts'

/** SQLite's code for a lock that another connection holds (sqlite.org/rescode.html#busy). */
const busy = 5

/**
 * Makes this process the only user of a directory until it is disposed or ends. The lock is SQLite's exclusive
 * lock on an empty database, the one kernel file lock that Node offers: the kernel drops it with the process,
 * so there is no stale lock to judge and to take over, and no process id that could have been reused.
 * @throws PgherdError DIRECTORY_LOCKED, or DIRECTORY_UNUSABLE when the file cannot be written
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  const ownerPath = join(directory, 'owner')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(directory, 'lock'))
    database.exec('BEGIN EXCLUSIVE')
    // For the message of the one that comes second; the lock itself does not depend on it.
    await writeFile(ownerPath, `${process.pid}\n`)
  } catch (error) {
    database?.close()
    if (isBusy(error)) {
      const owner = (await readFile(ownerPath, 'utf8').catch(() => '')).trim()
      throw new PgherdError('DIRECTORY_LOCKED', `${directory} is in use by process ${owner || 'unknown'}`, {
        cause: error,
      })
    }
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot lock ${directory}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const held = database
  return {
    [Symbol.asyncDispose]() {
      held.close()
      return Promise.resolve()
    },
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === busy
}
