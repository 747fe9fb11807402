import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { printDuration } from '../../../common/config/kinds.ts'
import { isBackup } from '../runs/slot.ts'
import { scheduleOf } from './schedule.ts'

const week = 7 * 86_400_000
const mostCounted = 2_000

/** Kinds of backup whose moments are over before the primary may make them for its standbys; a sentence each. */
export function fallbackNotes(policy: BackupPolicy, nowMs: number): readonly string[] {
  const { where, fallbackAfterMs } = policy
  if (where !== 'standby') return []
  const shortest = new Map<string, number>()
  for (const { operation, slotMs, closesMs } of scheduleOf(policy).between(
    nowMs,
    nowMs + week,
    mostCounted,
  )) {
    if (!isBackup(operation)) continue
    shortest.set(operation, Math.min(shortest.get(operation) ?? Infinity, closesMs - slotMs))
  }
  return [...shortest]
    .filter(([, openMs]) => openMs <= fallbackAfterMs)
    .map(
      ([operation, openMs]) =>
        `A moment of ${operation} may be over after ${printDuration(openMs)}, which is not after fallback_after (${printDuration(fallbackAfterMs)}): while no standby makes it, nobody does.`,
    )
}
