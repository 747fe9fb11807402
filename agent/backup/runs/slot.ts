import type { BackupSet } from '../../../common/backup/backup-report.ts'
import type { BackupOperation, BackupType } from '../../../common/backup/backup-run.ts'

/** One moment of a schedule that is not older than its window. */
export interface Slot {
  readonly operation: Exclude<BackupOperation, 'restore'>
  readonly slotMs: number
}

/** Members' clocks differ by so much at most, milliseconds. */
const clockSlackMs = 60_000

const fullness: Readonly<Record<BackupType, number>> = { incr: 0, diff: 1, full: 2 }

export function isBackup(operation: BackupOperation): operation is BackupType {
  return operation in fullness
}

/**
 * The backup that has done what a slot asks of a repository: of its type or a fuller one, and begun at its moment or later. It
 * may be another member's.
 */
export function answeredBy(
  { operation, slotMs }: Slot,
  repository: number,
  sets: readonly BackupSet[],
): BackupSet | undefined {
  if (!isBackup(operation)) return undefined
  return sets.find(
    (set) =>
      set.repository === repository &&
      fullness[set.type] >= fullness[operation] &&
      set.startedMs >= slotMs - clockSlackMs,
  )
}
