import { statfs } from 'node:fs/promises'
import type { BackupSet } from '../../../common/backup/backup-report.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineListing } from '../engine.ts'
import type { BackupRecord } from './backup-record.ts'
import { findBasebackup } from './find-program.ts'
import { onlyRepository } from './options.ts'
import type { BasebackupOptions } from './options.ts'
import { currentRecords, readRepository } from './repository.ts'
import type { RepositoryContent } from './repository.ts'

/** Never rejects for a directory that cannot be read, nor without the program: neither is needed to know what the other has. */
export async function list(options: BasebackupOptions, signal: AbortSignal): Promise<EngineListing> {
  const { directory } = options
  const version = await findBasebackup(undefined, options, signal).then(
    (program) => program.version,
    () => null,
  )
  signal.throwIfAborted()
  const found = await readRepository(directory).catch((error: unknown) => {
    if (error instanceof BackupFailure) return error
    throw error
  })
  const about = {
    repository: onlyRepository,
    where: directory,
    isEncrypted: false,
    freeBytes: await freeBytesOf(directory),
    ...{ segments: [], archivedMs: null, gaps: [], spans: [] },
  }
  if (found instanceof BackupFailure) {
    const { problem, message } = found
    const repository = { ...about, problem, reason: message.slice(0, 1_000), sizeBytes: null }
    return { version, repositories: [repository], sets: [], systemIdentifier: null, isWithoutArchive: true }
  }
  const sizeBytes = found.records.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  const records = currentRecords(found)
  return {
    version,
    repositories: [{ ...about, problem: null, reason: told(found).slice(0, 1_000), sizeBytes }],
    sets: records.map(setOf),
    systemIdentifier: records[0]?.systemIdentifier ?? null,
    isWithoutArchive: true,
  }
}

/** As reports have it. */
export function setOf(record: BackupRecord): BackupSet {
  const { label, startedMs, finishedMs, walStart, walStop, sizeBytes, storedBytes, errors } = record
  return {
    ...{ label, startedMs, finishedMs, walStart, walStop, sizeBytes, storedBytes },
    type: 'full',
    repository: onlyRepository,
    hasErrors: errors.length > 0,
    needs: [],
  }
}

/** What is there beside the backups that are listed. */
function told(found: RepositoryContent): string {
  const others = found.records.length - currentRecords(found).length
  return [
    ...found.partials.map(
      (name) => `${name} is of a run that has not ended; when it is dead, the next run removes it`,
    ),
    ...found.unreadable.map(({ name, why }) => `${name} is no whole backup: ${why}`),
    ...(others === 0 ? [] : [`${others} backups of another system are kept and not listed`]),
  ].join('; ')
}

async function freeBytesOf(directory: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  } catch {
    return null
  }
}
