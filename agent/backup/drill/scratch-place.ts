import { chown, lstat, mkdir, mkdtemp, readdir, realpath, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { messageOf, systemCodeOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { ServerUser } from './server-user.ts'

/** Where a server of a restored data directory runs. All of it is of the server's user, and closed to others. */
export interface ScratchPlace {
  /** Holds everything but `socketDirectory`, where that had to be elsewhere. */
  readonly directory: string
  /** Of the configuration files and the log. */
  readonly runDirectory: string
  readonly socketDirectory: string
  readonly logFile: string
}

export const scratchPrefix = 'pgherd-scratch-'
const socketPrefix = 'pgherd-socket-'

/** sockaddr_un holds 108 bytes with the final zero (unix(7)). */
const longestSocketPath = 107

/** Only the server's user reaches the socket, and whoever does is welcome: passwords are not needed to look. */
const hba = 'local all all trust\n'

/**
 * Makes the place. A parent that is missing is made too, for the server's user.
 * @param note told of each directory before it is made, because a killed agent finds them by that
 * @throws BackupFailure
 */
export async function makeScratchPlace(
  directory: string,
  user: ServerUser,
  note: (directory: string) => Promise<void>,
): Promise<ScratchPlace> {
  try {
    await makeOwned(dirname(directory), user, true)
    await note(directory)
    await makeOwned(directory, user)
    const runDirectory = join(directory, 'run')
    await makeOwned(runDirectory, user)
    let socketDirectory = runDirectory
    if (Buffer.byteLength(join(runDirectory, '.s.PGSQL.65535')) > longestSocketPath) {
      // Only a name that is not guessed is safe in a directory that all may write to.
      socketDirectory = await mkdtemp(join(tmpdir(), socketPrefix))
      await note(socketDirectory)
      if (user !== null) await chown(socketDirectory, user.uid, user.gid)
    }
    const files = { 'postgresql.conf': '', 'pg_hba.conf': hba, 'pg_ident.conf': '' }
    for (const [name, text] of Object.entries(files)) {
      const file = join(runDirectory, name)
      await writeFile(file, text, { mode: 0o600 })
      if (user !== null) await chown(file, user.uid, user.gid)
    }
    return { directory, runDirectory, socketDirectory, logFile: join(runDirectory, 'postgres.log') }
  } catch (error) {
    const problem = systemCodeOf(error) === 'ENOSPC' ? 'scratch-full' : 'configuration'
    throw new BackupFailure(problem, `cannot make ${directory}: ${messageOf(error)}`, { cause: error })
  }
}

/** @throws Error of the filesystem, also when it exists, unless that is allowed */
export async function makeOwned(directory: string, user: ServerUser, mayExist = false): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 })
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'EEXIST' && mayExist) return
    if (code !== 'ENOENT' || !mayExist) throw error
    await makeOwned(dirname(directory), user, true)
    await mkdir(directory, { mode: 0o700 })
  }
  if (user !== null) await chown(directory, user.uid, user.gid)
}

/** Beside a directory that a restore fills, until it is whole: what is there may be deleted. */
export function unfinishedMarker(directory: string): string {
  return join(dirname(directory), `.${basename(directory)}.pgherd-unfinished`)
}

/** Whether a directory is ours to delete: by its name, or because its restore has not come to its end. Null when there is none. */
export async function isScratch(directory: string): Promise<boolean | null> {
  try {
    if (!(await lstat(directory)).isDirectory()) return false
    const name = basename(await realpath(directory))
    if (name.startsWith(scratchPrefix) || name.startsWith(socketPrefix)) return true
    return (await lstat(unfinishedMarker(directory))).isFile()
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error
    return await lstat(directory).then(
      () => false,
      () => null,
    )
  }
}

/** Removes what a restore has made; links are not followed. What something is mounted on stays, empty. A marker beside it goes last. */
export async function removeScratch(directory: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }
  for (const name of await readdir(directory)) await rm(join(directory, name), options)
  try {
    await rmdir(directory)
  } catch (error) {
    if (systemCodeOf(error) !== 'EBUSY') throw error
  }
  await rm(unfinishedMarker(directory), { force: true })
}
