import { chown, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '../../../common/errors.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun } from '../engine.ts'
import { findBasebackup } from './find-program.ts'
import type { BasebackupOptions } from './options.ts'
import { readServer } from './read-server.ts'
import { lockRepository, markerName } from './repository.ts'
import { repositoryFailure } from './repository-failure.ts'

/** What may be there beside backups: of file systems, and of a lock. */
const harmless: ReadonlySet<string> = new Set(['lost+found', 'lock', 'owner', markerName])

/**
 * Sees that the server can be copied and that the program is there, makes the directory where it is missing, and marks it.
 * @throws BackupFailure with what has to be changed
 */
export async function prepare(options: BasebackupOptions, run: EngineRun): Promise<void> {
  const { directory } = options
  run.progress?.(null, 'asks the server whether it can be copied', null)
  const server = await readServer(options, run.signal)
  await findBasebackup(Math.floor(server.versionNumber / 10_000), options, run.signal)
  run.progress?.(null, 'makes the directory', null)
  const names = await namesIn(options)
  using stack = new DisposableStack()
  stack.use(await lockRepository(directory))
  if (names.includes(markerName)) return
  const foreign = names.filter((name) => !harmless.has(name))
  if (foreign.length > 0) {
    throw new BackupFailure(
      'configuration',
      `${directory} is not empty and has no backups of pgherd: it has ${foreign.slice(0, 3).join(', ')}`,
    )
  }
  const text = 'Backups by pgherd and pg_basebackup; without this file nothing is written here.\n'
  await writeFileDurably(join(directory, markerName), text, 0o644).catch((error: unknown) => {
    throw repositoryFailure(`${directory} cannot be written to`, error)
  })
}

/**
 * Makes the directory itself, of the user whom pg_basebackup runs as, and none above: where that is missing a file system is likely
 * not mounted.
 */
async function namesIn({
  directory,
  user,
}: Pick<BasebackupOptions, 'directory' | 'user'>): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw repositoryFailure(`${directory} cannot be read`, error)
  }
  try {
    await mkdir(directory, { mode: 0o750 })
    if (user !== null) await chown(directory, user.uid, user.gid)
    return []
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw repositoryFailure(`${directory} cannot be made`, error)
    throw new BackupFailure('configuration', `${dirname(directory)} does not exist: make it, or mount it`)
  }
}
