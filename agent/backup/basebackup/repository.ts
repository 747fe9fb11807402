import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lockDirectory } from '../../../common/lock-directory.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import { readRecord } from './backup-record.ts'
import type { BackupRecord } from './backup-record.ts'
import { isLabel, isPartial } from './label.ts'
import { repositoryFailure } from './repository-failure.ts'

/** What is in the directory of the backups. */
export interface RepositoryContent {
  /** By age, the newest last. */
  readonly records: readonly BackupRecord[]
  /** Names of what a run that did not end has left, or one that still runs is making. */
  readonly partials: readonly string[]
  /** Names of directories that look like backups and cannot be read, with why. */
  readonly unreadable: readonly { readonly name: string; readonly why: string }[]
}

/** Its presence tells the directory from the empty one of a file system that is not mounted. */
export const markerName = 'pgherd-backups'

/** @throws BackupFailure stanza-missing where no backups were ever prepared for, or what keeps it from being read */
export async function readRepository(directory: string): Promise<RepositoryContent> {
  await checkMarker(directory)
  const names = await readdir(directory).catch((error: unknown) => {
    throw repositoryFailure(`${directory} cannot be read`, error)
  })
  const records: BackupRecord[] = []
  const unreadable: { name: string; why: string }[] = []
  for (const name of names.filter(isLabel)) {
    try {
      const record = await readRecord(join(directory, name))
      if (record.label !== name) throw new Error(`it says that it is ${record.label}`)
      records.push(record)
    } catch (error) {
      unreadable.push({ name, why: messageOf(error) })
    }
  }
  return {
    records: records.sort((a, b) => a.finishedMs - b.finishedMs),
    partials: names.filter(isPartial).sort(),
    unreadable,
  }
}

async function checkMarker(directory: string): Promise<void> {
  try {
    await readFile(join(directory, markerName))
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw repositoryFailure(`${directory} cannot be read`, error)
    throw new BackupFailure(
      'stanza-missing',
      `${directory} has no file ${markerName}: it was not prepared for backups, or its file system is not mounted`,
      { cause: error },
    )
  }
}

/** Those of the system that the newest is of. */
export function currentRecords({ records }: RepositoryContent): readonly BackupRecord[] {
  const current = records.at(-1)?.systemIdentifier
  return records.filter(({ systemIdentifier }) => systemIdentifier === current)
}

/**
 * Makes this program the only one that writes there until it is disposed, on all hosts that share the directory: pg_basebackup
 * itself locks nothing, and a lock of the server would not be seen by standbys.
 * @throws BackupFailure locked
 */
export async function lockRepository(directory: string): Promise<Disposable> {
  try {
    return await lockDirectory(directory)
  } catch (error) {
    if (error instanceof PgherdError && error.code === 'DIRECTORY_LOCKED') {
      throw new BackupFailure('locked', `another run works in ${directory}, here or on another member`, {
        cause: error,
      })
    }
    throw repositoryFailure(`${directory} cannot be locked`, error)
  }
}
