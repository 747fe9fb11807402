import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RetentionPolicy } from '../../../common/backup/backup-policy.ts'
import { syncDirectory } from '../../../common/spool/file-operations.ts'
import type { BackupRecord } from './backup-record.ts'
import { partialSuffix } from './label.ts'
import { repositoryFailure } from './repository-failure.ts'

const dayMs = 86_400_000

/**
 * What the retention no longer wants: all before the oldest good backup that it does. Good is one without pages that failed their
 * checksum; where there is none, nothing goes. With days the youngest one that is older stays too, so that the whole time is covered.
 * @param records of one system, the newest last
 */
export function expiredOf(
  records: readonly BackupRecord[],
  { full }: RetentionPolicy,
  nowMs: number,
): readonly BackupRecord[] {
  if (full === null) return []
  const good = records.filter(({ errors }) => errors.length === 0)
  const { kind, value } = full
  const oldest =
    kind === 'count'
      ? good.at(-Math.max(1, value))
      : (good.findLast(({ finishedMs }) => finishedMs <= nowMs - value * dayMs) ?? good[0])
  return oldest === undefined ? [] : records.slice(0, records.indexOf(oldest))
}

/** Takes its name away first, so that what is left of it by a crash is not taken for a backup. @throws BackupFailure */
export async function removeBackup(directory: string, label: string): Promise<void> {
  const dying = join(directory, `${label}${partialSuffix}`)
  try {
    await rm(dying, { recursive: true, force: true })
    await rename(join(directory, label), dying)
    await syncDirectory(directory)
    await rm(dying, { recursive: true, force: true })
  } catch (error) {
    throw repositoryFailure(`backup ${label} cannot be deleted`, error)
  }
}
