import type { BackupSet } from '../../../common/backup/backup-report.ts'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { answeredBy, isBackup } from './slot.ts'
import type { Slot } from './slot.ts'

/** An open slot and the repository that it is not answered in yet; null for what is not done per repository. */
export interface DueSlot extends Slot {
  readonly repository: number | null
}

/** These leave the slot open: another member, or this one after its restart, is to take it up. */
const leavesOpen = (run: BackupRun): boolean => run.outcome === 'interrupted' || run.problem === 'failover'

/**
 * The slots that nothing has answered yet, the fullest backup first. With several open slots of backups only the fullest remains.
 * @param runs - of this member
 * @param sets - of all repositories, whoever made them
 * @param repositories - their numbers
 */
export function dueSlots(
  open: readonly Slot[],
  runs: readonly BackupRun[],
  sets: readonly BackupSet[],
  repositories: readonly number[],
): readonly DueSlot[] {
  const isClosed = (slot: Slot, repository: number | null): boolean =>
    runs.some(
      (run) =>
        run.operation === slot.operation &&
        run.slotMs === slot.slotMs &&
        (repository === null || run.repository === null || run.repository === repository) &&
        !leavesOpen(run),
    )
  const due = open.flatMap((slot) =>
    (isBackup(slot.operation) ? repositories : [null])
      .filter((repository) => !isClosed(slot, repository))
      .filter((repository) => repository === null || answeredBy(slot, repository, sets) === undefined)
      .map((repository): DueSlot => ({ ...slot, repository })),
  )
  const order = ['full', 'diff', 'incr', 'expire', 'verify', 'drill']
  const sorted = due.toSorted(
    (a, b) =>
      order.indexOf(a.operation) - order.indexOf(b.operation) || (a.repository ?? 0) - (b.repository ?? 0),
  )
  // A full backup answers an incremental one that is due as well.
  return sorted.filter(
    (slot, i) =>
      !isBackup(slot.operation) ||
      !sorted
        .slice(0, i)
        .some((fuller) => isBackup(fuller.operation) && fuller.repository === slot.repository),
  )
}
