import type { BackupSet } from '../../../common/backup/backup-report.ts'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { dueSlots } from './due-slots.ts'
import type { DueSlot } from './due-slots.ts'
import type { Slot } from './slot.ts'

/**
 * Of slots that have closed, those that nothing has answered, each operation's newest: a host that was off for a week has one record of
 * each, not hundreds.
 */
export function missedSlots(
  closed: readonly Slot[],
  runs: readonly BackupRun[],
  sets: readonly BackupSet[],
  repositories: readonly number[],
): readonly DueSlot[] {
  const newest = new Map<string, Slot>()
  for (const slot of closed) {
    const known = newest.get(slot.operation)
    if (known === undefined || known.slotMs < slot.slotMs) newest.set(slot.operation, slot)
  }
  // One by one: a full one that is due would hide an incremental one.
  return [...newest.values()].flatMap((slot) => dueSlots([slot], runs, sets, repositories))
}
