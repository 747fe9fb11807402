import { readFileSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { PgherdError, messageOf, systemCodeOf } from './errors.ts'

/** A file in which this host's administrator says whom the agent obeys. */
export interface LocalFile {
  /** Changes whenever the file may have; undefined when there is none. */
  stamp(): Promise<string | undefined>
  /** @throws PgherdError REFUSED when others could have written it, DIRECTORY_UNUSABLE, REQUEST_TOO_LARGE */
  read(): Promise<string>
}

const maxBytes = 1 << 20

/** @param userId of this process, who may own the file beside root */
export function localFile(path: string, userId: number): LocalFile {
  return {
    async stamp() {
      try {
        const { ino, size, mtimeMs, ctimeMs, mode, uid } = await stat(path)
        return [ino, size, mtimeMs, ctimeMs, mode, uid].join(' ')
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return undefined
        // It is there, and cannot be looked at: read() will say why.
        return `unreadable ${String(systemCodeOf(error))}`
      }
    },
    async read() {
      try {
        // Asked before it is opened, too: to open a pipe waits for who writes into it.
        refuseForeignHands(path, await stat(path), userId)
        await using file = await open(path, 'r')
        refuseForeignHands(path, await file.stat(), userId)
        return await file.readFile('utf8')
      } catch (error) {
        throw explained(path, error)
      }
    },
  }
}

/** The same at once, for a check before anything runs. @returns undefined when there is no file @throws as `read` */
export function readLocalFileNow(path: string, userId: number): string | undefined {
  try {
    refuseForeignHands(path, statSync(path), userId)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw explained(path, error)
  }
}

function refuseForeignHands(path: string, stats: Stats, userId: number): void {
  const { mode, uid, size } = stats
  if (!stats.isFile()) throw new PgherdError('REFUSED', `${path}: was no file`)
  if ((mode & 0o022) !== 0) {
    throw new PgherdError(
      'REFUSED',
      `${path}: had mode ${(mode & 0o777).toString(8)}; allowed: one in which only its owner writes`,
    )
  }
  if (uid !== 0 && uid !== userId) {
    throw new PgherdError('REFUSED', `${path}: belonged to user ${uid}; allowed: root and the agent's user`)
  }
  if (size > maxBytes) {
    throw new PgherdError('REQUEST_TOO_LARGE', `${path}: was larger than ${maxBytes} bytes`)
  }
}

function explained(path: string, error: unknown): PgherdError {
  if (error instanceof PgherdError) return error
  return new PgherdError('DIRECTORY_UNUSABLE', `${path}: ${messageOf(error)}`, { cause: error })
}
