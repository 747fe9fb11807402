import { chmod, chown, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { BackupFailure } from '../backup-failure.ts'
import { configMark } from './config-text.ts'

export interface ConfigToWrite {
  readonly path: string
  /** Of `configText`; it has secrets. */
  readonly text: string
  /** The servers' user, who reads it; null: this program's own. */
  readonly owner: { readonly uid: number; readonly gid: number } | null
  /** Replaces a file that pgherd has not written; the old one stays beside it as `<path>.before-pgherd`. */
  readonly takesOver: boolean
}

const maxBytes = 2 ** 20
const mode = 0o600

/**
 * Writes pgBackRest's configuration where it differs, as a whole, readable by the servers' user alone.
 * @returns whether there was something to write
 * @throws BackupFailure configuration when the file is somebody else's, or cannot be given to the servers' user;
 *   PgherdError DIRECTORY_UNUSABLE or DISK_FULL
 */
export async function writeConfig({ path, text, owner, takesOver }: ConfigToWrite): Promise<boolean> {
  const own = process.getuid?.()
  if (owner !== null && own !== 0 && own !== owner.uid) {
    const message = `${path} would have to be of the user id ${owner.uid}, and only root can give it to somebody; run the agent as root or as that user, or take config: existing`
    throw new BackupFailure('configuration', message)
  }
  const before = await readIfThere(path)
  if (before === text) return await keep(path, owner)
  if (before !== undefined && !before.startsWith(configMark)) {
    if (!takesOver) {
      const message = `${path} is not written by pgherd; take config: existing, another config_file, or have it replaced`
      throw new BackupFailure('configuration', message)
    }
    // The first one that was there, and not what an earlier attempt had put in its place.
    const kept = `${path}.before-pgherd`
    if ((await readIfThere(kept)) === undefined)
      await writeFileDurably(kept, before, mode, owner ?? undefined)
  }
  await makeParent(path)
  await writeFileDurably(path, text, mode, owner ?? undefined)
  return true
}

/** The right text may be readable by others, or of somebody else: a copy that was put there by hand. */
async function keep(path: string, owner: ConfigToWrite['owner']): Promise<boolean> {
  try {
    const is = await stat(path)
    const isOwned = owner === null || (is.uid === owner.uid && is.gid === owner.gid)
    if ((is.mode & 0o777) === mode && isOwned) return false
    await chmod(path, mode)
    if (owner !== null) await chown(path, owner.uid, owner.gid)
    return true
  } catch (error) {
    throw unusable(path, error)
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0)
    if (bytesRead > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw unusable(path, error)
  }
}

/** Others may look into it: the servers' user has to come to the file. */
async function makeParent(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { mode: 0o755 })
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw unusable(path, error)
  }
}

function unusable(path: string, error: unknown): PgherdError {
  const message = `cannot use ${path}: ${messageOf(error)}`
  return new PgherdError('DIRECTORY_UNUSABLE', message, { cause: error })
}
