import { closeSync, openSync, truncateSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PgherdError, messageOf, systemCodeOf } from './errors.ts'

// SQLite's result codes (sqlite.org/rescode.html): another connection holds the lock; the file is no database.
const busy = 5
const notADatabase = 26

/**
 * Makes this process the only user of a directory until it is disposed or ends. The lock is SQLite's exclusive
 * lock on an empty database, the one kernel file lock that Node offers: the kernel drops it with the process,
 * so there is no stale lock to judge and to take over, and no process id that could have been reused.
 * @throws PgherdError DIRECTORY_LOCKED, or DIRECTORY_UNUSABLE when the file cannot be written
 */
export async function lockDirectory(directory: string): Promise<Disposable> {
  const ownerPath = join(directory, 'owner')
  let database: DatabaseSync | undefined
  try {
    database = lockFile(join(directory, 'lock'))
    // For the message of the one that comes second; the lock itself does not depend on it, nor on room for it.
    await writeFile(ownerPath, `${process.pid}\n`, { mode: 0o600 }).catch((error: unknown) => {
      const code = systemCodeOf(error)
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    })
  } catch (error) {
    database?.close()
    if (resultOf(error) === busy) {
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
  return { [Symbol.dispose]: () => held.close() }
}

function lockFile(path: string): DatabaseSync {
  createPrivate(path)
  try {
    return beginExclusive(path)
  } catch (error) {
    if (resultOf(error) !== notADatabase) throw error
    // What a damaged disk has put there. SQLite could read it, so nobody holds the lock.
    truncateSync(path)
    return beginExclusive(path)
  }
}

/** Only where there is none: closing a second descriptor of a locked file would end this process's own lock. */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error
  }
}

function beginExclusive(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  try {
    // Nothing is ever written, so there is nothing to undo; a journal on the disk would need room on it.
    database.exec('PRAGMA journal_mode = memory; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function resultOf(error: unknown): unknown {
  return error instanceof Error && 'errcode' in error ? error.errcode : undefined
}
