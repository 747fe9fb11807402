import { chown, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupType } from '../../../common/backup/backup-run.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { syncDirectory } from '../../../common/spool/file-operations.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineBackup, EngineRun } from '../engine.ts'
import { segmentName, segmentOfLsn } from '../engine/segments.ts'
import { basebackupArguments } from './arguments.ts'
import { writeRecord } from './backup-record.ts'
import type { BackupRecord } from './backup-record.ts'
import { checkType } from './check-type.ts'
import { expiredOf, removeBackup } from './expire.ts'
import { findBasebackup } from './find-program.ts'
import { labelFor, partialSuffix } from './label.ts'
import { readManifest } from './manifest.ts'
import { onlyRepository } from './options.ts'
import type { BasebackupOptions } from './options.ts'
import { readServer } from './read-server.ts'
import type { CopiedServer } from './read-server.ts'
import { currentRecords, lockRepository, readRepository } from './repository.ts'
import type { RepositoryContent } from './repository.ts'
import { repositoryFailure } from './repository-failure.ts'
import { runBasebackup } from './run-basebackup.ts'
import { hashStored, storedFiles } from './stored-files.ts'

const mostErrors = 100

/**
 * Makes a full backup in a directory that gets its name only when all of it is on the disk, and then deletes what the retention no
 * longer wants. What a dead run has left is removed first.
 * @throws BackupFailure, PgherdError CANCELLED
 */
export async function makeBackup(
  options: BasebackupOptions,
  type: BackupType,
  run: EngineRun,
): Promise<EngineBackup> {
  const { directory, clock, user } = options
  checkType(type)
  run.progress?.(0, 'full backup begins', null)
  await readRepository(directory)
  using stack = new DisposableStack()
  stack.use(await lockRepository(directory))
  const found = await readRepository(directory)
  await removeLeftovers(directory, found)
  const server = await readServer(options, run.signal)
  const major = Math.floor(server.versionNumber / 10_000)
  checkSystem(directory, found, server)
  const program = await findBasebackup(major, options, run.signal)
  const startedMs = clock.now()
  const label = labelFor(startedMs, namesOf(found))
  const partial = join(directory, `${label}${partialSuffix}`)
  let record: BackupRecord
  try {
    const attempt = async (checksPages: boolean): Promise<readonly string[] | undefined> => {
      await rm(partial, { recursive: true, force: true })
      await mkdir(partial, { mode: 0o700 })
      if (user !== null) await chown(partial, user.uid, user.gid)
      const args = basebackupArguments(partial, label, options, program, { checksPages })
      return runBasebackup(program, args, options, run)
    }
    const bad = await attempt(true)
    if (bad !== undefined) {
      // It ends without the log when pages are bad. What is there is copied all the same: it may be all that there will be.
      run.progress?.(0, 'full backup once more, with pages that fail their checksum', null)
      await attempt(false)
    }
    record = await recordOf(partial, {
      ...{ format: 1, label, startedMs, finishedMs: clock.now() },
      ...{ systemIdentifier: server.systemIdentifier, serverVersion: server.versionNumber },
      ...{ programVersion: program.version, isOfStandby: server.isStandby, tablespaces: server.tablespaces },
      errors: (bad ?? []).slice(0, mostErrors).map((text) => text.slice(0, 500)),
      segmentBytes: server.segmentBytes,
    })
    await writeRecord(partial, record)
    await syncDirectory(partial)
    await rename(partial, join(directory, label))
    await syncDirectory(directory)
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined)
    if (error instanceof PgherdError && error.code === 'CANCELLED') throw error
    throw repositoryFailure(`backup ${label} was not made`, error)
  }
  await expireBehind(options, [...currentRecords(found), record])
  const { sizeBytes, storedBytes, errors } = record
  return { label, repository: onlyRepository, sizeBytes, storedBytes, errors }
}

type Known = Omit<
  BackupRecord,
  'sizeBytes' | 'storedBytes' | 'timeline' | 'walStart' | 'walStop' | 'walFile' | 'tablespaces'
> & { readonly tablespaces: CopiedServer['tablespaces']; readonly segmentBytes: number }

/** @throws BackupFailure checksum for a manifest that is not whole */
async function recordOf(partial: string, { segmentBytes, ...known }: Known): Promise<BackupRecord> {
  const { ranges, sizeBytes } = await readManifest(partial)
  const files = await storedFiles(partial)
  const wal = files.find(({ kind }) => kind === 'wal')
  const [first, last] = [ranges[0]!, ranges.at(-1)!]
  const start = segmentOfLsn(first.start, segmentBytes)
  const stop = segmentOfLsn(last.end, segmentBytes)
  if (wal === undefined || start === undefined || stop === undefined) {
    throw new BackupFailure('other', 'pg_basebackup ended well and left no log')
  }
  // The end is behind the last byte.
  const isAtBoundary = Number.parseInt(last.end.split('/')[1] ?? '', 16) % segmentBytes === 0
  const number = isAtBoundary ? stop - 1 : stop
  return {
    ...known,
    tablespaces: [...known.tablespaces],
    sizeBytes,
    storedBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    timeline: last.timeline,
    walStart: segmentName({ timeline: first.timeline, number: start }, segmentBytes),
    walStop: segmentName({ timeline: last.timeline, number }, segmentBytes),
    walFile: { name: wal.name, sha256: await hashStored(wal.path) },
  }
}

async function removeLeftovers(directory: string, { partials }: RepositoryContent): Promise<void> {
  for (const name of partials) {
    await rm(join(directory, name), { recursive: true, force: true }).catch((error: unknown) => {
      throw repositoryFailure(`${name}, which a dead run has left, cannot be removed`, error)
    })
  }
}

function namesOf({ records, unreadable }: RepositoryContent): ReadonlySet<string> {
  return new Set([...records.map(({ label }) => label), ...unreadable.map(({ name }) => name)])
}

/** After an upgrade it is another system of a later version; one of the same version is somebody else's. */
function checkSystem(directory: string, { records }: RepositoryContent, server: CopiedServer): void {
  const newest = records.at(-1)
  if (newest === undefined || newest.systemIdentifier === server.systemIdentifier) return
  if (Math.floor(newest.serverVersion / 10_000) < Math.floor(server.versionNumber / 10_000)) return
  throw new BackupFailure(
    'stanza-mismatch',
    `${directory} has backups of system ${newest.systemIdentifier}, and the server is ${server.systemIdentifier}; give it a directory of its own, or move those away`,
  )
}

/** There is a new backup whatever becomes of old ones, and another would not help. */
async function expireBehind(options: BasebackupOptions, records: readonly BackupRecord[]): Promise<void> {
  const { directory, retention, clock } = options
  for (const { label } of expiredOf(records, retention, clock.now())) {
    await removeBackup(directory, label).catch((error: unknown) => {
      const made = records.at(-1)?.label ?? ''
      throw new BackupFailure('other', `backup ${made} was made; ${messageOf(error)}`, { cause: error })
    })
  }
}
